// SPDX-License-Identifier: Apache-2.0
// The implementation of `spyre-ci junit`, for JUnit files of any program.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"
#include "agent/junit/junit.hpp"
#include "agent/results/failure_groups.hpp"

namespace spyre::junit {

// Return the files. A directory stands for all *.xml in it at any depth; sorted within each argument. Error: not_found,
// io, nothing_selected (a directory without such files).
Result<std::vector<std::filesystem::path>> find_files(const std::vector<std::filesystem::path>& arguments);

struct Failure {
  std::string id;
  results::Outcome outcome = results::Outcome::failed;
  std::string message;
  double time_s = 0;
  int reruns = 0;
};

// The combined result of several files.
struct Summary {
  std::size_t files = 0;  // files read, without duplicates
  std::array<std::size_t, results::outcome_count> outcomes{};
  std::size_t flaky = 0, over_budget = 0;
  double time_s = 0;                           // sum over all cases
  std::vector<Failure> failures;               // by id
  std::vector<results::FailureGroup> groups;   // of the failures
  std::map<std::string, std::size_t> not_run;  // reason → cases
  std::vector<std::string> losses;             // what could not be read, with the file
  std::vector<std::string> warnings;           // files with the same content, counted once

  std::size_t collected() const;
  // Return the exit code: 3 when data was lost, or a case was not run for a reason other than the budget; 1 when cases
  // failed or are over the budget; 4 when there are no cases; else 0.
  int exit_code() const;
};

// Read the files in parallel; the result does not depend on the order of reading. A file that is not JUnit is reported
// as a loss, not as an error. Error: not_found, io.
Result<Summary> summarize(const std::vector<std::filesystem::path>& files);

// Return the summary document, "spyre-ci/summary@1", in the format of a run's summary.
nlohmann::json to_json(const Summary& summary);

// Write all cases of the files into one well-formed file for Jenkins: one suite per file, correct counts, capped texts,
// no duplicates. Error: not_found, io, nothing_selected (no case in any of the files).
Result<Summary> merge(const std::vector<std::filesystem::path>& files, const std::filesystem::path& output,
                      const Options& options);

// Return the problems that a strict reader such as Jenkins has with a file, one line each ("file.xml:3: …"); empty when
// the file is valid. Error: not_found, io.
Result<std::vector<std::string>> check(const std::filesystem::path& file);
// Check the bytes of a file.
std::vector<std::string> check_text(std::string_view bytes, std::string_view origin);

}  // namespace spyre::junit
