// SPDX-License-Identifier: Apache-2.0
// How long things take, from whatever is known: history of tests and files, PyTorch's test-times.json, defaults.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/core/result.hpp"

namespace spyre::plan {

struct CaseTime {
  std::string id;  // "test/test_torch.py::TestTorchDeviceTypeCPU::test_sum_cpu_float32"
  double seconds = 0;
};

struct Durations {
  std::unordered_map<std::string, double> tests;    // unit id → seconds of all its cases
  std::unordered_map<std::string, double> imports;  // file → seconds of import and collection
  std::unordered_map<std::string, double> files;    // file → seconds in all (test-times.json): shared by its tests
  std::unordered_map<std::string, std::vector<CaseTime>> cases;  // unit id → its cases, as far as they are known
  // Of what nobody has timed, seen with PyTorch 1.13.1 in warm workers on a CPU: tests by what they run over (one
  // thing, dtypes, operators), and the import of a file.
  double default_test_s = 0.5;
  double default_dtypes_s = 1;
  double default_operators_s = 60;
  double default_generator_s = 10;  // of what makes tests that no line of source names: nobody knows how many
  double default_import_s = 0.5;

  double import_of(const std::string& file) const;
  // The seconds of all cases of a unit: its own time, else the sum of its cases, else its share of the file's time,
  // else nothing. `tests_in_file`: how many tests the whole file has, selected or not.
  std::optional<double> test(const std::string& unit, double tests_in_file) const;
  // Knowledge of `other` is taken where this has none. The defaults stay.
  void fill_from(const Durations& other);
};

// The file of a unit or case: "test/test_torch.py" of "test/test_torch.py::TestTorch::test_sum", or the id itself when
// it names a whole file.
std::string_view file_of(std::string_view unit);

// Durations from a file: PyTorch's test-times.json ({job: {config: {"test_ops": seconds}}}; the entry job/config, else
// default/config, else default/default), or a history document, "spyre-ci/history@1"
// ({tests: {unit: s}, imports: {file: s}, cases: {unit: {case: s}}}, the last optional).
// Error: not_found, io, invalid with the place in the document.
Result<Durations> read_durations(const std::filesystem::path& path, std::string_view job = "default",
                                 std::string_view config = "default");
}  // namespace spyre::plan
