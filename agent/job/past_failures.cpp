// SPDX-License-Identifier: Apache-2.0
#include "agent/job/past_failures.hpp"

#include <set>
#include <unordered_map>

#include "agent/git/changes.hpp"
#include "agent/history/store.hpp"
#include "agent/history/succession.hpp"

namespace spyre::job {
namespace {

constexpr std::size_t successive_runs = 50;

using Units = std::unordered_map<std::string, std::string>;  // case → test

Units units_of(const history::KnownDurations& known) {
  Units units;
  for (const auto& [unit, cases] : known.cases) {
    for (const history::CaseDuration& one : cases) units.emplace(one.id, unit);
  }
  return units;
}

std::vector<std::string> changed_between(const git::Objects& objects, const std::string& from, const std::string& to) {
  const auto changes = git::changes(objects, from, to);
  std::set<std::string> paths;
  // A commit that is missing in the mirror is ignored.
  if (!changes) return {};
  for (const git::FileChange& one : *changes) {
    paths.insert(one.path);
    if (!one.old_path.empty()) paths.insert(one.old_path);
  }
  return {paths.begin(), paths.end()};
}

// Return the tests that failed in the later run and not in the earlier one.
Result<std::set<std::string>> began_to_fail(const history::Succession& runs, const history::Store& store,
                                            const Units& units) {
  TRY(const auto before, store.outcomes(runs.before.run_id));
  TRY(const auto after, store.outcomes(runs.after.run_id));
  std::set<std::string> tests;
  for (const auto& [id, outcome] : after) {
    const auto earlier = before.find(id);
    const auto unit = units.find(id);
    if (!results::is_failure(outcome) || earlier == before.end() || unit == units.end()) continue;
    if (!results::is_failure(earlier->second)) tests.insert(unit->second);
  }
  return tests;
}

Result<std::map<std::string, double>> read_failures(const std::vector<std::string>& changed,
                                                    const git::Objects& objects, RunHistory& earlier) {
  TRY(const history::Store* store, earlier.store());
  history::RunFilter filter;
  filter.kept_only = true;
  filter.latest = successive_runs;
  TRY(const std::vector<history::RunInfo> runs, store->runs(filter));
  const std::vector<history::Succession> pairs = history::successions(runs);
  std::map<std::string, double> scores;
  if (pairs.empty()) return scores;
  TRY(const history::KnownDurations* known, earlier.durations(""));
  const Units units = units_of(*known);
  for (const history::Succession& pair : pairs) {
    const double weight =
        history::overlap(changed_between(objects, pair.before.revision, pair.after.revision), changed);
    if (weight == 0) continue;
    TRY(const std::set<std::string> tests, began_to_fail(pair, *store, units));
    for (const std::string& test : tests) scores[test] = 1 - (1 - scores[test]) * (1 - weight);
  }
  return scores;
}

}  // namespace

std::map<std::string, double> past_failures(const std::vector<std::string>& changed, const git::Objects& objects,
                                            RunHistory& earlier) {
  auto failures = read_failures(changed, objects, earlier);
  if (failures) return std::move(*failures);
  earlier.warn_without("without failures of earlier runs", failures.error());
  return {};
}

}  // namespace spyre::job
