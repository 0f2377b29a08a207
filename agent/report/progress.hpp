// SPDX-License-Identifier: Apache-2.0
// The progress of a run, for displays.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "agent/core/clock.hpp"
#include "agent/results/outcome.hpp"

namespace spyre::report {

struct Progress {
  std::size_t done = 0;   // finished cases, each once
  std::size_t total = 0;  // known so far: grows until every file has been collected
  double share = 0;       // share of the estimated work that is done: 0 to 1
  std::array<std::size_t, results::outcome_count> outcomes{};  // of the finished cases
  std::size_t running = 0;                                     // active cards
  Seconds elapsed{};
  std::optional<Seconds> left;  // an estimate

  std::size_t count(results::Outcome outcome) const { return outcomes[static_cast<std::size_t>(outcome)]; }
};

// Estimate the remaining time. `planned`: the planned duration of the whole run (makespan); `share`: the share of the
// planned work that is done, 0 to 1. The estimate starts from the plan, and moves to the observed pace.
Seconds time_left(Seconds planned, double share, Seconds elapsed);

// Estimate the time for `left` cases at the pace of the finished ones. This is the minimum for the remaining time when
// tests have more cases than the plan expected.
Seconds time_for(std::size_t left, std::size_t done, Seconds elapsed);

}  // namespace spyre::report
