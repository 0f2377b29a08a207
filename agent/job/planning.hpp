// SPDX-License-Identifier: Apache-2.0
// What `plan` and `run` share: durations from everything that is known, and the options of a plan.
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

// The cards that a plan is for.
struct PlannedCards {
  int count = 1;
  std::string kind = "spyre";  // that durations are looked for of: "cpu", "spyre"
};

// Error: those of reading the duration files and of plan::make_plan. A history that cannot be read costs a warning.
Result<plan::Plan> make_plan(const testsel::Selection& selection, const PlannedCards& cards, const PlanRequest& options,
                             RunHistory& earlier);

// "12 batches, 340 tests on 2 cards: about 2 min 10 s (no plan can be shorter than 2 min 05 s)".
std::string describe(const plan::Plan& plan);

}  // namespace spyre::job
