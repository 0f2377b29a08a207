// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/planner.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "agent/cards/card.hpp"
#include "agent/core/text.hpp"
#include "agent/plan/outline.hpp"
#include "agent/plan/work.hpp"

namespace spyre::plan {
namespace {

tl::unexpected<Error> budget_too_short(const Work& work, int cards, Seconds budget) {
  double shortest = std::numeric_limits<double>::infinity();
  const UnitWork* easiest = nullptr;
  for (const FileWork& file : work.files) {
    for (const UnitWork& unit : file.units) {
      const double seconds = shortest_time(file, unit, cards);
      if (seconds >= shortest) continue;
      shortest = seconds;
      easiest = &unit;
    }
  }
  return fail(ErrorKind::usage,
              fmt::format("--budget {} is too short for any test: even {} needs about {}, import included",
                          format_duration(budget), easiest->id, format_duration(Seconds{shortest})),
              "give more time, or better durations (--durations)");
}

Result<void> check_gangs(const Work& work, int cards) {
  for (const FileWork& file : work.files) {
    const auto widest = std::ranges::max_element(file.units, {}, &UnitWork::width);
    if (widest->width <= cards) continue;
    return fail(ErrorKind::usage,
                fmt::format("{} needs {} cards at once, but there {} only {}", widest->id, widest->width,
                            cards == 1 ? "is" : "are", cards),
                "give more cards, or leave such tests out of the selection");
  }
  return {};
}

}  // namespace

Result<Work> measured_for(const testsel::Selection& selection, const Durations& durations, const PlanOptions& options) {
  if (options.cards < 1 || options.cards > cards::max_cards) {
    return fail(ErrorKind::usage, fmt::format("cannot plan for {} cards", options.cards),
                fmt::format("give a number from 1 to {}", cards::max_cards));
  }
  Work work = measure(selection, durations, options.gangs);
  if (work.files.empty()) {
    return fail(ErrorKind::nothing_selected, "the selection is empty: there is nothing to plan",
                "choose a larger stage or fraction, or check which tests the scope excludes");
  }
  CHECK_OK(check_gangs(work, options.cards));
  return work;
}

Result<Plan> make_plan(const testsel::Selection& selection, const Durations& durations, const PlanOptions& options) {
  TRY(const Work all, measured_for(selection, durations, options));
  Plan plan;
  plan.revision = selection.revision;
  plan.stage = selection.stage;
  plan.cards = options.cards;
  plan.notes = selection.notes;
  if (!options.budget) {
    write_plan(all, plan);
    return plan;
  }
  const Work part = within_budget(all, options.cards, *options.budget * (1 - options.reserve));
  if (part.files.empty()) return budget_too_short(all, options.cards, *options.budget);
  write_plan(part, plan);
  plan.omitted = missing_units(part, all);
  return plan;
}

}  // namespace spyre::plan
