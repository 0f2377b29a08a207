// SPDX-License-Identifier: Apache-2.0
// How a simulation runs a plan: the actual times and failures, and the two ways of dealing.
#pragma once

#include <cstddef>
#include <vector>

#include "agent/plan/simulate.hpp"

namespace spyre::plan {

// The actual times and failures, which the planner did not know.
struct Truth {
  std::vector<double> seconds;  // of each batch, without the import
  struct Failure {
    double at_s = 0;
    int card = 0;
  };
  std::vector<Failure> failures;  // in the order of time
};

// Run the batches `wanted` on cards that take from one queue. Add to the terms of `out`, and return when the last one
// ended.
double run_queue(const Plan& plan, const Truth& truth, std::vector<std::size_t> wanted, int cards,
                 const std::vector<Truth::Failure>& failures, Simulation& out);

// Run the plan on cards that keep to their shards. As above.
double run_shards(const Plan& plan, const Truth& truth, Simulation& out);

}  // namespace spyre::plan
