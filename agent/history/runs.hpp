// SPDX-License-Identifier: Apache-2.0
// The runs in the history.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/core/result.hpp"
#include "agent/results/outcome.hpp"

namespace spyre::database {
class Connection;
}

namespace spyre::history {

struct RunInfo {
  std::int64_t id = 0;  // in this database
  std::string run_id, revision, stage, card_kind;
  std::string stack_key;     // as results::stack_key returns it; empty: unknown, and not equal to any other
  std::int64_t started = 0;  // milliseconds since 1970
  double wall_s = 0;
  bool finished = false;
  int exit_code = 0;
  std::size_t tests = 0;                                       // selected
  std::array<std::size_t, results::outcome_count> outcomes{};  // cases
  std::size_t flaky = 0;
  bool kept = true;  // its results are still stored

  std::size_t count(results::Outcome outcome) const { return outcomes[static_cast<std::size_t>(outcome)]; }
  std::size_t cases() const;     // all
  std::size_t failures() const;  // as results::is_failure says
};

// Convert a stored outcome. A value of a newer version that this version does not know counts as not run.
results::Outcome outcome_of(std::int64_t number);
// Return the numbers of the outcomes that are failures, for SQL: "1,2,6".
std::string failure_numbers();

struct RunFilter {
  std::optional<std::string> stage{}, card_kind{};
  bool kept_only = false;     // ignore runs whose results were deleted
  std::int64_t since = 0;     // milliseconds since 1970
  std::size_t latest = 1000;  // maximum number of runs, counted from the newest
};

// Return the runs, newest first. Error: io.
Result<std::vector<RunInfo>> read_runs(database::Connection& connection, const RunFilter& filter);

// Return case id → outcome of a run. Error: not_found (the run is unknown, or its results were deleted), io.
Result<std::unordered_map<std::string, results::Outcome>> read_outcomes(database::Connection& connection,
                                                                        const std::string& run_id);

}  // namespace spyre::history
