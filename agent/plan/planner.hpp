// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "agent/core/clock.hpp"
#include "agent/plan/durations.hpp"
#include "agent/plan/plan.hpp"
#include "testsel/selection.hpp"

namespace spyre::plan {

struct PlanOptions {
  int cards = 1;  // ≥ 1
  // Units are taken in order of rank until the makespan would exceed it; one that could not end in time even alone is
  // left out and the next one is tried.
  std::optional<Seconds> budget = std::nullopt;
  double reserve = 0;                               // share of the budget that is not planned for, [0, 1)
  std::unordered_map<std::string, int> gangs = {};  // unit → cards that it needs at once; 1 when it is not named
};

// Batches of one file each, dealt longest first to the shard that is free first. Files longer than a small part of a
// card's fair share are cut, by test or, where one test is longer than that, by case; the pieces of a file stay on as
// few cards as the makespan allows. Every unit of the selection is in exactly one batch (or in all pieces of one cut by
// case) or omitted. Pure: same input, same plan.
// Error: nothing_selected when there is nothing to plan; usage when `cards` is no number of cards, a test needs more
// cards than there are, or the budget is too short for any test.
Result<Plan> make_plan(const testsel::Selection& selection, const Durations& durations, const PlanOptions& options);

}  // namespace spyre::plan
