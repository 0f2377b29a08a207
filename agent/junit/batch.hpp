// SPDX-License-Identifier: Apache-2.0
// Reads several JUnit files in parallel and combines them in the given order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/junit/document.hpp"
#include "agent/junit/tools.hpp"

namespace spyre::junit {

// The result of reading one file.
struct Part {
  std::filesystem::path file;
  std::optional<Error> error;  // the whole file could not be read
  std::uint64_t digest = 0;    // of its content
  bool doubled = false;        // an earlier file has the same content
  std::array<std::size_t, results::outcome_count> outcomes{};
  std::size_t flaky = 0, over_budget = 0;
  double time_s = 0;
  Cases failures;                              // with shortened details
  std::map<std::string, std::size_t> not_run;  // reason → cases
  std::vector<std::string> losses;
  std::optional<SuiteWriter> suite;  // its cases, rewritten, if requested
};

// Read the files. `rewritten`: how to rewrite the cases; empty when that is not requested.
std::vector<Part> read_parts(const std::vector<std::filesystem::path>& files, const std::optional<Options>& rewritten);

// Combine the parts. Error: the first error of the operating system.
Result<Summary> combine(const std::vector<Part>& parts);

}  // namespace spyre::junit
