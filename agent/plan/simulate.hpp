// SPDX-License-Identifier: Apache-2.0
// Simulates a plan: how long it takes, and where the cards' time goes.
#pragma once

#include <cstddef>
#include <cstdint>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"
#include "agent/plan/plan.hpp"

namespace spyre::plan {

enum class Dealing {
  shared_queue,  // cards take from one queue, as `run` does
  shards,        // each card runs its shard of the plan, as `exec --shard` does
};

struct SimulationOptions {
  Dealing dealing = Dealing::shared_queue;
  double estimate_error = 0;  // standard deviation of ln(time / estimate) of a test: 0.3 is about ±30 %
  double failing_cards = 0;   // share of the cards that fail at some time and do not come back, [0, 1)
  std::uint64_t seed = 1;     // the same seed gives the same errors and failures
};

struct Simulation {
  int cards = 1;
  double makespan_s = 0;
  double lower_bound_s = 0;  // from the actual times of the tests: nothing can end earlier
  double ratio = 1;          // makespan_s / lower_bound_s
  double utilization = 0;    // share of the cards' time that runs tests
  // Where the cards' time goes, in card-seconds; the sum is cards × makespan_s.
  double tests_s = 0;
  double imports_s = 0;
  double lost_s = 0;  // on failed cards: all time from the failure on
  double idle_s = 0;
  double needed_imports_s = 0;  // the part of imports_s that the lower bound has too: one for each file
  std::size_t imports = 0;
  std::size_t failed_cards = 0;
  std::size_t not_run = 0;  // batches that need more cards than were left
};

// Simulate the batches of the plan on `plan.cards` cards. Times are the estimates with their errors. A test that the
// failure of its card cuts short goes on elsewhere, after another import. With shards, the shard that ends first runs
// the rest of a failed card's shard. Pure and fast: a plan of 100,000 tests takes well under a second.
// Error: usage if an option is out of its range.
Result<Simulation> simulate(const Plan& plan, const SimulationOptions& options);

// Return the simulation document, "spyre-ci/simulation@1".
nlohmann::json to_json(const Simulation& simulation);

}  // namespace spyre::plan
