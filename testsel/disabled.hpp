// SPDX-License-Identifier: Apache-2.0
// PyTorch's own lists of tests: those that are disabled (disabled-tests-condensed.json) and those that are slow
// (slow-tests.json), as its generated-stats branch has them, under names like "test_sum (__main__.TestTorch)".
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "agent/core/result.hpp"
#include "testsel/expectation.hpp"
#include "testsel/inventory.hpp"

namespace spyre::testsel {

struct DisabledTest {
  std::string name;        // "test_sum", or of a case "test_sum_cpu_float32"
  std::string class_name;  // "TestTorch"
  std::string issue;       // number: "190665"
  std::string url;
  std::vector<std::string> platforms;  // none: everywhere
};

struct DisabledList {
  std::vector<DisabledTest> tests;
  std::vector<std::string> odd;  // titles that name no test; they are written by people
};
// What stands behind the name and the class in a title is ignored, as upstream does. Error: not_found, io, invalid
// (with the entry).
Result<DisabledList> read_disabled(const std::filesystem::path& path);

struct DisabledFindings {
  Expectations expectations;         // tests of which every case is disabled
  std::vector<CaseNote> cases;       // of others, and what may be a test that no line of source shows
  std::vector<std::string> unknown;  // of these, names for which there is no line
};
// An entry applies to classes whose name begins with the one it names (TestFoo also means TestFooPRIVATEUSE1), and to
// tests of its name, with or without device and dtype. `platforms` are those that the tests run on; entries of the
// issues in `reenabled` do not count. Pure.
DisabledFindings match(const std::vector<DisabledTest>& disabled, const Inventory& inventory,
                       const std::set<std::string>& platforms, const std::set<std::string>& reenabled);

// How long slow tests take, in seconds, by the id of the test: all cases that are listed together. Error: not_found,
// io, invalid.
Result<std::map<std::string, double>> read_slow(const std::filesystem::path& path, const Inventory& inventory);

}  // namespace spyre::testsel
