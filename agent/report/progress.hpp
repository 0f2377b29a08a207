// SPDX-License-Identifier: Apache-2.0
// Where a run stands, as people are told.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "agent/core/clock.hpp"
#include "agent/results/outcome.hpp"

namespace spyre::report {

struct Progress {
  std::size_t done = 0;   // finished cases, each once
  std::size_t total = 0;  // cases known so far: grows until every file has been collected
  double share = 0;       // of the estimated work that is done: 0 to 1
  std::array<std::size_t, results::outcome_count> outcomes{};  // of the finished cases
  std::size_t running = 0;                                     // cards that work
  Seconds elapsed{};
  std::optional<Seconds> left;  // an estimate

  std::size_t count(results::Outcome outcome) const { return outcomes[static_cast<std::size_t>(outcome)]; }
};

// How long the rest takes. `planned`: what the plan says the whole run takes (its makespan); `share`: of the planned
// work that is done, 0 to 1. At first the plan is believed, then more and more the pace that was seen.
Seconds time_left(Seconds planned, double share, Seconds elapsed);

// How long `left` cases take at the pace of those that are done: the least that the rest takes when the plan knew too
// little about tests that turned out to be many cases.
Seconds time_for(std::size_t left, std::size_t done, Seconds elapsed);

}  // namespace spyre::report
