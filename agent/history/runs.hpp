// SPDX-License-Identifier: Apache-2.0
// Runs as the history knows them.
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
  std::string stack_key;     // as results::stack_key makes it; empty: unknown, and equal to no other
  std::int64_t started = 0;  // milliseconds since 1970
  double wall_s = 0;
  bool finished = false;
  int exit_code = 0;
  std::size_t tests = 0;                                       // selected
  std::array<std::size_t, results::outcome_count> outcomes{};  // cases
  std::size_t flaky = 0;
  bool kept = true;  // its results are here still

  std::size_t count(results::Outcome outcome) const { return outcomes[static_cast<std::size_t>(outcome)]; }
  std::size_t cases() const;     // all
  std::size_t failures() const;  // as results::is_failure says
};

// An outcome as it is kept. What a newer program wrote and this one does not know counts as not run.
results::Outcome outcome_of(std::int64_t number);
// "1,2,6": the numbers of the outcomes that are failures, for SQL.
std::string failure_numbers();

struct RunFilter {
  std::optional<std::string> stage{}, card_kind{};
  bool kept_only = false;     // leaves out those whose results are gone
  std::int64_t since = 0;     // milliseconds since 1970
  std::size_t latest = 1000;  // at most that many, counted from the newest
};

// Newest first. Error: io.
Result<std::vector<RunInfo>> read_runs(database::Connection& connection, const RunFilter& filter);

// Case id → what became of it in a run. Error: not_found (no such run, or its results are gone), io.
Result<std::unordered_map<std::string, results::Outcome>> read_outcomes(database::Connection& connection,
                                                                        const std::string& run_id);

}  // namespace spyre::history
