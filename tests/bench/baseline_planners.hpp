// SPDX-License-Identifier: Apache-2.0
// How others deal tests to cards, for comparison. Tests that need several cards are dealt as in our plan: the others do
// not know them.
#pragma once

#include "agent/core/result.hpp"
#include "agent/plan/planner.hpp"

namespace spyre::plan {

// Test after test to card after card, in the order of the files, as torch-spyre's run_test.sh --parallel does.
// Error: as make_plan. A budget is not kept to.
Result<Plan> deal_round_robin(const testsel::Selection& selection, const Durations& durations,
                              const PlanOptions& options);

// Files of more than ten minutes in equal pieces of at most that, by a hash of the test, then longest first to the card
// that is free first, as PyTorch's own CI does. Error: as make_plan. A budget is not kept to.
Result<Plan> deal_ten_minute_pieces(const testsel::Selection& selection, const Durations& durations,
                                    const PlanOptions& options);

}  // namespace spyre::plan
