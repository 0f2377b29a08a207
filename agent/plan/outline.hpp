// SPDX-License-Identifier: Apache-2.0
// A plan before it has names: chunks of work and who runs them.
#pragma once

#include <vector>

#include "agent/core/clock.hpp"
#include "agent/plan/cut.hpp"
#include "agent/plan/deal.hpp"
#include "agent/plan/plan.hpp"
#include "agent/plan/planner.hpp"
#include "agent/plan/work.hpp"

namespace spyre::plan {

// The work of a selection, with all that can be wrong about it checked. Error: as make_plan.
Result<Work> measured_for(const testsel::Selection& selection, const Durations& durations, const PlanOptions& options);

struct Outline {
  Chunks chunks;
  Deal deal;
};

Outline outline(const Work& work, int cards);

// Writes batches, shards and their estimates into a plan that knows its number of cards: the baseline planners of
// tests/bench end here.
void write_outline(const Outline& outline, const Work& work, Plan& plan);
// The same of the outline of all work, faster: batches are written while it is dealt.
void write_plan(const Work& work, Plan& plan);

// The units of the longest prefix of ranks whose plan keeps to the budget, without those that could not even alone, and
// without those that would take a large share of it while there are others. No units when the budget is too short for
// any.
Work within_budget(const Work& work, int cards, Seconds budget);
// Ids of the units that the part lacks, in order of rank.
std::vector<std::string> missing_units(const Work& part, const Work& all);
// How long a unit takes at least, with all cards to itself.
double shortest_time(const FileWork& file, const UnitWork& unit, int cards);

}  // namespace spyre::plan
