// SPDX-License-Identifier: Apache-2.0
// PyTorch's own lists of disabled tests (disabled-tests-condensed.json) and slow tests (slow-tests.json), from its
// generated-stats branch, with names like "test_sum (__main__.TestTorch)".
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
  std::string name;        // "test_sum", or for a case "test_sum_cpu_float32"
  std::string class_name;  // "TestTorch"
  std::string issue;       // number: "190665"
  std::string url;
  std::vector<std::string> platforms;  // none: everywhere
};

struct DisabledList {
  std::vector<DisabledTest> tests;
  std::vector<std::string> odd;  // titles that do not name a test: people write them
};
// Read a list. Text after the name and the class in a title is ignored, as upstream does. Error: not_found, io, invalid
// (with the entry).
Result<DisabledList> read_disabled(const std::filesystem::path& path);

struct DisabledFindings {
  Expectations expectations;         // tests whose cases are all disabled
  std::vector<CaseNote> cases;       // of other tests, and of possible tests that no line of source shows
  std::vector<std::string> unknown;  // names of these that no line defines
};
// Match entries with tests. An entry applies to classes whose name begins with the one it names (TestFoo also means
// TestFooPRIVATEUSE1), and to tests of its name, with or without device and dtype. `platforms` are those that the tests
// run on; entries of the issues in `reenabled` do not count. Pure.
DisabledFindings match(const std::vector<DisabledTest>& disabled, const Inventory& inventory,
                       const std::set<std::string>& platforms, const std::set<std::string>& reenabled);

// Return the seconds that slow tests take, by the id of the test: the sum of all listed cases. Error: not_found, io,
// invalid.
Result<std::map<std::string, double>> read_slow(const std::filesystem::path& path, const Inventory& inventory);

}  // namespace spyre::testsel
