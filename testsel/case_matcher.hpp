// SPDX-License-Identifier: Apache-2.0
// From what pytest runs back to what somebody wrote: `TestFooCPU::test_add_cpu_float32` is `TestFoo::test_add`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/core/file_tree.hpp"
#include "testsel/inventory.hpp"

namespace spyre::testsel {

struct CaseOwner {
  enum class How {
    exact,      // the name as written
    expanded,   // device, dtype, op or parameters appended
    inherited,  // written in a base class in the same file
    imported,   // written in another file of the tree: belongs to that file, and is not run here
    generated,  // no line names it: belongs to its class or file
  };
  std::string unit;  // id of a Test, a class or a file
  How how = How::generated;
};

// Knows one file and, through the tree, the files it imports test classes from.
class CaseMatcher {
 public:
  CaseMatcher(const FileTree& tree, const TestFile& file);

  // `node` is what pytest calls a case, "test/test_torch.py::TestTorchDeviceTypeCPU::test_sum_cpu_float32[x]", with the
  // path relative to the tree's root.
  CaseOwner owner(std::string_view node) const;
  // Whether a case with this owner is run with these units: it is one of them; or it is generated, and its class has a
  // unit among them (its file, when it belongs to the file).
  // `units` is sorted.
  static bool belongs(const CaseOwner& owner, const std::vector<std::string>& units);

 private:
  struct KnownClass;
  std::string m_path;
  std::vector<KnownClass> m_classes;
  std::vector<std::string> m_functions;
};

}  // namespace spyre::testsel
