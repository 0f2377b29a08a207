// SPDX-License-Identifier: Apache-2.0
#include "agent/job/planning.hpp"

#include <numeric>

#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/job/run_history.hpp"
#include "agent/plan/durations.hpp"
#include "agent/plan/planner.hpp"

namespace spyre::job {
namespace {

// Share of the budget to plan for: the budget is also a deadline, estimates are inexact, and workers take time to
// start.
constexpr double reserve = 0.1;

// Planning without history is worse, but not wrong: an unreadable history is only a warning.
plan::Durations from_history(RunHistory& earlier, const std::string& card_kind) {
  const auto found = earlier.durations(card_kind);
  plan::Durations durations;
  if (!found) {
    earlier.warn_without("planning without history", found.error());
    return durations;
  }
  const history::KnownDurations* known = *found;
  durations.tests.insert(known->tests.begin(), known->tests.end());
  durations.imports = known->imports;
  for (const auto& [unit, cases] : known->cases) {
    plan::CaseTimes& times = durations.cases[unit];
    times.reserve(cases.size());
    for (const history::CaseDuration& one : cases) times.add(plan::case_time(one.id, one.seconds));
  }
  return durations;
}

Result<plan::Durations> all_durations(const PlanRequest& options, const std::string& card_kind, RunHistory& earlier) {
  plan::Durations durations;
  if (!options.no_history) durations = from_history(earlier, card_kind);
  for (const std::string& path : options.durations) {
    TRY(const plan::Durations more, plan::read_durations(path));
    durations.fill_from(more);
  }
  return durations;
}

}  // namespace

Result<plan::Plan> make_plan(const testsel::Selection& selection, const PlannedCards& cards, const PlanRequest& options,
                             RunHistory& earlier) {
  plan::PlanOptions plan_options;
  plan_options.cards = cards.count;
  if (!options.budget.empty()) {
    TRY(plan_options.budget, parse_duration(options.budget));
    plan_options.reserve = reserve;
  }
  for (const testsel::SelectedTest& test : selection.tests) {
    if (test.cards > 1) plan_options.gangs.emplace(test.id, test.cards);
  }
  TRY(const plan::Durations durations, all_durations(options, cards.kind, earlier));
  TRY(plan::Plan plan, plan::make_plan(selection, durations, plan_options));
  if (plan_options.budget) plan.budget_s = plan_options.budget->count();
  return plan;
}

std::string describe(const plan::Plan& plan) {
  const std::size_t units = std::accumulate(plan.batches.begin(), plan.batches.end(), std::size_t{0},
                                            [](std::size_t sum, const plan::Batch& b) { return sum + b.units.size(); });
  const std::string omitted =
      plan.omitted.empty() ? "" : fmt::format("; {} tests left out by the budget", plan.omitted.size());
  return fmt::format("{} tests in {} batches on {} cards: about {}, at least {}{}", units, plan.batches.size(),
                     plan.cards, format_duration(Seconds{plan.makespan_s}),
                     format_duration(Seconds{plan.lower_bound_s}), omitted);
}

}  // namespace spyre::job
