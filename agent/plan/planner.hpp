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
  // Units are added in order of rank until the makespan would exceed the budget; a unit that exceeds it alone is left
  // out and the next one is tried.
  std::optional<Seconds> budget = std::nullopt;
  double reserve = 0;                               // share of the budget that is not planned for, [0, 1)
  std::unordered_map<std::string, int> gangs = {};  // unit → number of cards that it needs at once; 1 if absent
};

// Make a plan: batches of one file each, dealt longest first to the shard that is free first. Files longer than a small
// part of a card's fair share are cut by test or, if one test is longer than that, by case. The pieces of a file stay
// on as few cards as the makespan allows. Every unit of the selection is in exactly one batch (or in all pieces of a
// unit cut by case) or omitted. Pure: same input, same plan.
// Error: nothing_selected if there is nothing to plan; usage if `cards` is invalid, a test needs more cards than there
// are, or the budget is too short for any test.
Result<Plan> make_plan(const testsel::Selection& selection, const Durations& durations, const PlanOptions& options);

}  // namespace spyre::plan
