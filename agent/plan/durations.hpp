// SPDX-License-Identifier: Apache-2.0
// How long things take, from whatever is known: history of tests and files, PyTorch's test-times.json, defaults.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "agent/core/result.hpp"

namespace spyre::plan {

struct Durations {
  std::unordered_map<std::string, double> tests;    // unit id → seconds of all its cases
  std::unordered_map<std::string, double> imports;  // file → seconds of import and collection
  std::unordered_map<std::string, double> files;    // file → seconds in all (test-times.json): shared by its tests
  double default_test_s = 0.3;                      // of a test that nobody has timed
  double default_import_s = 3.0;

  double import_of(const std::string& file) const;
  // `tests_in_file`: how many tests the file has, for a share of the file's time when the test itself is unknown.
  double test(const std::string& unit, std::size_t tests_in_file) const;
  // Knowledge of `other` is taken where this has none.
  void fill_from(const Durations& other);
};

// Durations from a file: PyTorch's test-times.json ({job: {config: {"test_ops": seconds}}}, the entry default/default
// unless named), or a history document, "spyre-ci/history@1", as `history durations --json` prints.
// Error: not_found, io, invalid.
Result<Durations> read_durations(const std::filesystem::path& path, std::string_view job = "default",
                                 std::string_view config = "default");

}  // namespace spyre::plan
