// SPDX-License-Identifier: Apache-2.0
// A plan run in thought: how long it would take, and where the cards' time would go.
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
  double failing_cards = 0;   // share of the cards that go away at some time and do not come back, [0, 1)
  std::uint64_t seed = 1;     // the same seed, the same errors and failures
};

struct Simulation {
  int cards = 1;
  double makespan_s = 0;
  double lower_bound_s = 0;  // of the times that the tests really took: nothing can end earlier
  double ratio = 1;          // makespan_s / lower_bound_s
  double utilization = 0;    // share of the cards' time that went into tests
  // Where the cards' time goes, in card-seconds; together cards × makespan_s.
  double tests_s = 0;
  double imports_s = 0;
  double lost_s = 0;  // on cards that failed: from then on
  double idle_s = 0;
  double needed_imports_s = 0;  // the part of imports_s that the lower bound has too: one a file
  std::size_t imports = 0;
  std::size_t failed_cards = 0;
  std::size_t not_run = 0;  // batches that need more cards than were left
};

// Runs the batches of the plan on `plan.cards` cards. Times are the estimates with their errors; a test that is cut
// short by the failure of its card goes on elsewhere, after another import. With shards, what is left of a failed
// card's shard is run by the shard that ends first. Pure and fast: a plan of 100,000 tests takes well under a second.
// Error: usage when an option is out of its range.
Result<Simulation> simulate(const Plan& plan, const SimulationOptions& options);

// The simulation document, "spyre-ci/simulation@1".
nlohmann::json to_json(const Simulation& simulation);

}  // namespace spyre::plan
