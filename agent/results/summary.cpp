// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "agent/results/failure_groups.hpp"
#include "agent/results/record.hpp"

namespace spyre::results {
namespace {

nlohmann::json failure(const RunRequest& request, const CaseResult& failed) {
  const Attempt& last = failed.attempts.back();
  return {{"id", failed.id},
          {"unit", failed.unit},
          {"outcome", name(last.outcome)},
          {"message", reason(last)},
          {"verdict", "unknown"},
          {"attempts", failed.attempts.size()},
          {"duration_s", last.duration_s},
          {"card", last.card},
          {"rerun", rerun_command(request, {failed.unit})}};
}

// The reasons of not_run cases, each with the number of cases.
std::map<std::string, std::size_t> not_run_reasons(const RunRecord& record) {
  std::map<std::string, std::size_t> reasons;
  for (const CaseResult& each : record.cases) {
    if (each.outcome() != Outcome::not_run) continue;
    ++reasons[each.attempts.empty() ? "waits to be run" : reason(each.attempts.back())];
  }
  return reasons;
}

}  // namespace

nlohmann::json summary(const RunRecord& record, const RunRequest* request) {
  RunRequest unknown;
  unknown.revision = record.revision;
  const RunRequest& asked = request != nullptr ? *request : unknown;
  std::vector<const CaseResult*> failed;
  for (const CaseResult& each : record.cases) {
    if (is_failure(each.outcome())) failed.push_back(&each);
  }
  // Sort: the order of the journal depends on which card was faster.
  std::sort(failed.begin(), failed.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
  nlohmann::json failures = nlohmann::json::array();
  FailureGrouper grouper;
  for (const CaseResult* each : failed) {
    const Attempt& last = each->attempts.back();
    failures.push_back(failure(asked, *each));
    grouper.add(each->id, last);
  }
  return {{"schema", schema_id("summary")},
          {"run_id", record.run_id},
          {"revision", record.revision},
          {"stack_key", record.stack_key},
          {"stage", record.stage},
          {"started", record.started},
          {"finished", record.finished},
          {"interrupted_by", record.interrupted_by},
          {"exit_code", record.exit_code()},
          {"wall_s", record.wall_s},
          {"totals", record.totals()},
          {"failures", std::move(failures)},
          {"groups", to_json(grouper.groups())},
          {"not_run", not_run_reasons(record)},
          {"over_budget", record.over_budget()},
          {"not_instantiated", record.not_instantiated},
          {"infra", record.infra},
          {"warnings", record.warnings}};
}

}  // namespace spyre::results
