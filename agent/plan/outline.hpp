// SPDX-License-Identifier: Apache-2.0
// A plan before its batches have names: chunks of work and their shards.
#pragma once

#include <vector>

#include "agent/core/clock.hpp"
#include "agent/plan/cut.hpp"
#include "agent/plan/deal.hpp"
#include "agent/plan/plan.hpp"
#include "agent/plan/planner.hpp"
#include "agent/plan/work.hpp"

namespace spyre::plan {

// Return the work of a selection after all checks. Error: as make_plan.
Result<Work> measured_for(const testsel::Selection& selection, const Durations& durations, const PlanOptions& options);

struct Outline {
  Chunks chunks;
  Deal deal;
};

Outline outline(const Work& work, int cards);

// Write batches, shards and their estimates into a plan that knows its number of cards. The baseline planners of
// tests/bench end here, too.
void write_outline(const Outline& outline, const Work& work, Plan& plan);
// Do the same for an outline of all work, but faster: batches are written while it is dealt.
void write_plan(const Work& work, Plan& plan);

// Return the units of the longest prefix of ranks whose plan keeps to the budget. It leaves out units that exceed the
// budget alone, and units that would take a large share of it while there are others. Empty if the budget is too short
// for any unit.
Work within_budget(const Work& work, int cards, Seconds budget);
// Return the ids of the units that the part lacks, in order of rank.
std::vector<std::string> missing_units(const Work& part, const Work& all);
// Return a lower bound of a unit's time, with all cards to itself.
double shortest_time(const FileWork& file, const UnitWork& unit, int cards);

}  // namespace spyre::plan
