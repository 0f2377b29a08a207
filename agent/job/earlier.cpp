// SPDX-License-Identifier: Apache-2.0
#include "agent/job/earlier.hpp"

#include <algorithm>

#include "agent/history/store.hpp"

namespace spyre::job {
namespace {

// Plots are made for at most this many failed cases: a broken build has thousands of them, with equal plots.
constexpr std::size_t most_histories = 200;
constexpr std::size_t runs_looked_at = 30;

Result<std::optional<report::Comparison>> compare(const results::RunRecord& record, const history::Store& store) {
  history::RunFilter filter;
  filter.stage = record.stage;
  filter.kept_only = true;
  filter.latest = runs_looked_at;
  TRY(const std::vector<history::RunInfo> runs, store.runs(filter));
  const auto before =
      std::find_if(runs.begin(), runs.end(), [&](const history::RunInfo& run) { return run.run_id != record.run_id; });
  if (before == runs.end()) return std::nullopt;
  TRY(const report::Outcomes outcomes, store.outcomes(before->run_id));
  report::Comparison comparison = report::compare(record, before->run_id, outcomes);
  comparison.stack_changes = results::stack_changes(before->stack_key, record.stack_key);
  return comparison;
}

Result<Earlier> read_earlier(const results::RunRecord& record, RunHistory& runs) {
  TRY(const history::Store* store, runs.store());
  Earlier earlier;
  TRY(earlier.comparison, compare(record, *store));
  for (const results::CaseResult& each : record.cases) {
    if (!results::is_failure(each.outcome()) || earlier.histories.size() == most_histories) continue;
    auto found = store->show(each.id, runs_looked_at, 1);
    if (found && !found->empty()) earlier.histories.emplace(each.id, std::move(found->front()));
    if (!found && found.error().kind != ErrorKind::not_found) return tl::make_unexpected(found.error());
  }
  return earlier;
}

}  // namespace

Earlier look_back(const results::RunRecord& record, RunHistory& runs) {
  auto earlier = read_earlier(record, runs);
  if (earlier) return std::move(*earlier);
  runs.warn_without("the report is without history", earlier.error());
  return {};
}

}  // namespace spyre::job
