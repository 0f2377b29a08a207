// SPDX-License-Identifier: Apache-2.0
// What `spyre-ci junit` does with anyone's JUnit files.
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

// The files that are meant: a directory stands for all *.xml in it at any depth; sorted within each argument.
// Error: not_found, io, nothing_selected (a directory without such files).
Result<std::vector<std::filesystem::path>> find_files(const std::vector<std::filesystem::path>& arguments);

struct Failure {
  std::string id;
  results::Outcome outcome = results::Outcome::failed;
  std::string message;
  double time_s = 0;
  int reruns = 0;
};

// Several files in one.
struct Summary {
  std::size_t files = 0;  // read, doubled ones left out
  std::array<std::size_t, results::outcome_count> outcomes{};
  std::size_t flaky = 0, over_budget = 0;
  double time_s = 0;                           // of all cases together
  std::vector<Failure> failures;               // by id
  std::vector<results::FailureGroup> groups;   // of them
  std::map<std::string, std::size_t> not_run;  // reason → cases
  std::vector<std::string> losses;             // what could not be read, of which file
  std::vector<std::string> warnings;           // files with the same content, counted once

  std::size_t collected() const;
  // 3 when something was lost, or not run for another reason than the budget; 1 when some failed or are over the
  // budget; 4 when there was not one case; else 0.
  int exit_code() const;
};

// Reads the files side by side; the result does not depend on which is read first. A file that cannot be read as JUnit
// is a loss, not an error. Error: not_found, io.
Result<Summary> summarize(const std::vector<std::filesystem::path>& files);

// The summary document, "spyre-ci/summary@1", as summary() makes it of a run.
nlohmann::json to_json(const Summary& summary);

// Writes all cases of the files into one well-formed file that Jenkins takes: a suite a file, counts right, texts
// capped, doubled files left out. Error: not_found, io, nothing_selected (no case in any of the files).
Result<Summary> merge(const std::vector<std::filesystem::path>& files, const std::filesystem::path& output,
                      const Options& options);

// What a strict reader such as Jenkins would stumble over in a file, one line each ("file.xml:3: …"); empty when it is
// good. Error: not_found, io.
Result<std::vector<std::string>> check(const std::filesystem::path& file);
// The same of a file's bytes.
std::vector<std::string> check_text(std::string_view bytes, std::string_view origin);

}  // namespace spyre::junit
