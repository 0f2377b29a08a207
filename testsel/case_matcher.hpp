// SPDX-License-Identifier: Apache-2.0
// From what pytest runs back to what somebody wrote: `TestFooCPU::test_add_cpu_float32` is `TestFoo::test_add`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/core/file_tree.hpp"
#include "testsel/inventory.hpp"
#include "testsel/known_classes.hpp"

namespace spyre::testsel {

struct CaseOwner {
  enum class How {
    exact,      // the name as written
    expanded,   // device, dtype, op or parameters appended
    inherited,  // written in a base class in the same file
    imported,   // written in another test file of the tree: belongs to that file, and is not run here
    generated,  // no line of this file names it: belongs to its class, or to the file
  };
  std::string unit;  // id of a Test, a class or a file
  How how = How::generated;

  // Whether a case with this owner is run with a unit: it is its own; or the case is generated, and the unit is of its
  // class (of its file, when it belongs to the file).
  bool is_run_with(std::string_view other) const;
};

// Knows one file and, through the tree, the test files it imports classes from. Holds no reference to either.
class CaseMatcher {
 public:
  CaseMatcher(const FileTree& tree, const TestFile& file);

  // `node` is what pytest calls a case, "test/test_torch.py::TestTorchDeviceTypeCPU::test_sum_cpu_float32[x]".
  // The class is the one of that name, else the longest that the name begins with, when the rest looks like a device
  // ("CPU", "PRIVATEUSE1") or begins with "_". The test is the longest of the class, or of its bases in the same file,
  // that is the case's name or all of it before a "_" or a "["; one that the device follows comes first.
  // A generated case belongs to its class when the class has units (tests or generated ones), and to the file
  // otherwise.
  CaseOwner owner(std::string_view node) const;

 private:
  std::string m_path;
  KnownClasses m_classes;
};

}  // namespace spyre::testsel
