// SPDX-License-Identifier: Apache-2.0
// Maps pytest's cases to tests as written: `TestFooCPU::test_add_cpu_float32` is `TestFoo::test_add`.
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
    inherited,  // written in another class or file whose tests the case's class runs: a base, or what it was copied
                // from
    imported,   // written in another test file of the tree: belongs to that file and does not run here
    generated,  // no line names it
  };
  std::string unit;  // id of a Test, a class or a file
  How how = How::generated;
};

// The tests of one file and, through the tree, of the test files from which it imports classes. Holds no reference to
// either.
class CaseMatcher {
 public:
  CaseMatcher(const FileTree& tree, const TestFile& file);

  // Return the test of a case. `node` is pytest's name,
  // "test/test_torch.py::TestTorchDeviceTypeCPU::test_sum_cpu_float32[x]". The class is the one of that name, else the
  // first of these that has such a test: the longest that the name begins with, if the rest looks like a device ("CPU",
  // "PRIVATEUSE1") or begins with "_"; a class that a function makes under a name of its own, if the name of its source
  // is part of it; the longest decorated one that the name begins with. The test's name is the case's name or its
  // beginning before a "_" or a "[": the one after which most of the suffixes follow that device and copies add, and
  // the longest of these. A generated case belongs to its class if the inventory lists that as a unit, else to the file
  // if that is listed, else to one test of its class or file: it runs with that test and with no other.
  CaseOwner owner(std::string_view node) const;

 private:
  struct Candidate {
    const KnownClass* known = nullptr;
    std::string device;  // the device that the class was made for
    bool whole = false;  // its name is exactly this one
  };
  std::vector<Candidate> candidates(std::string_view name) const;
  std::vector<const KnownClass*> find_unnamed(std::string_view name) const;

  KnownClasses m_known;
};

}  // namespace spyre::testsel
