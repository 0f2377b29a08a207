// SPDX-License-Identifier: Apache-2.0
// Several JUnit files read side by side, and put together in the order they were given.
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

// What one file gave.
struct Part {
  std::filesystem::path file;
  std::optional<Error> error;  // it could not be read at all
  std::uint64_t digest = 0;    // of its content
  bool doubled = false;        // an earlier one has the same content
  std::array<std::size_t, results::outcome_count> outcomes{};
  std::size_t flaky = 0, over_budget = 0;
  double time_s = 0;
  Cases failures;                              // their details shortened
  std::map<std::string, std::size_t> not_run;  // reason → cases
  std::vector<std::string> losses;
  std::optional<SuiteWriter> suite;  // its cases again, when they are wanted
};

// `rewritten`: how the cases are to be written again; nothing when they are not wanted.
std::vector<Part> read_parts(const std::vector<std::filesystem::path>& files, const std::optional<Options>& rewritten);

// Error: the first of a file that the operating system did not give.
Result<Summary> combine(const std::vector<Part>& parts);

}  // namespace spyre::junit
