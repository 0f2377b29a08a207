// SPDX-License-Identifier: Apache-2.0
// The common part of `plan` and `run`: all known durations, and the options of a plan.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/core/result.hpp"
#include "agent/job/run_history.hpp"
#include "agent/plan/plan.hpp"
#include "testsel/selection.hpp"

namespace spyre::job {

struct PlanRequest {
  std::vector<std::string> durations;
  std::string budget;
  bool no_history = false;
};

// The cards to plan for.
struct PlannedCards {
  int count = 1;
  std::string kind = "spyre";  // the kind whose durations are used: "cpu", "spyre"
};

// Make a plan. An unreadable history costs a warning. Error: those of reading the duration files and of
// plan::make_plan.
Result<plan::Plan> make_plan(const testsel::Selection& selection, const PlannedCards& cards, const PlanRequest& options,
                             RunHistory& earlier);

// Describe a plan: "12 batches, 340 tests on 2 cards: about 2 min 10 s (no plan can be shorter than 2 min 05 s)".
std::string describe(const plan::Plan& plan);

}  // namespace spyre::job
