// SPDX-License-Identifier: Apache-2.0
#include "agent/job/learnt.hpp"

#include <algorithm>

#include "agent/history/store.hpp"

namespace spyre::job {
namespace {

constexpr std::size_t card_runs_looked_at = 20;

using Outcomes = std::unordered_map<std::string, results::Outcome>;

// The latest outcome of each case.
Result<Outcomes> latest_outcomes(const history::Store& store) {
  history::RunFilter filter;
  filter.card_kind = "spyre";
  filter.kept_only = true;
  filter.latest = card_runs_looked_at;
  TRY(const std::vector<history::RunInfo> runs, store.runs(filter));
  Outcomes latest;
  for (const history::RunInfo& run : runs) {
    TRY(Outcomes outcomes, store.outcomes(run.run_id));
    std::erase_if(outcomes, [](const auto& entry) { return entry.second == results::Outcome::not_run; });
    latest.merge(outcomes);  // newest first: existing entries are kept
  }
  return latest;
}

}  // namespace

Result<testsel::Evidence> learnt_from_history(RunHistory& earlier) {
  TRY(const history::Store* store, earlier.store());
  TRY(const history::KnownDurations* known, earlier.durations("spyre"));
  TRY(const Outcomes latest, latest_outcomes(*store));
  testsel::Evidence evidence;
  evidence.seconds = known->tests;
  for (const auto& [unit, cases] : known->cases) {
    const bool passes = std::all_of(cases.begin(), cases.end(), [&](const history::CaseDuration& one) {
      const auto found = latest.find(one.id);
      return found != latest.end() && found->second == results::Outcome::passed;
    });
    if (passes && !cases.empty()) evidence.passing.insert(unit);
  }
  return evidence;
}

}  // namespace spyre::job
