// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "agent/core/clock.hpp"
#include "agent/plan/durations.hpp"
#include "agent/plan/plan.hpp"
#include "testsel/selection.hpp"

namespace spyre::plan {

struct PlanOptions {
  int cards = 1;                  // ≥ 1
  std::optional<Seconds> budget;  // units are taken in order of rank until the makespan would exceed it
};

// Batches of one file each, dealt longest first to the shard that is free first. Files longer than a card's fair share
// are cut. Every unit of the selection is in exactly one batch or omitted. Pure: same input, same plan.
// Error: nothing_selected when there is nothing to plan; usage when the budget is too small for a single test.
Result<Plan> make_plan(const testsel::Selection& selection, const Durations& durations, const PlanOptions& options);

}  // namespace spyre::plan
