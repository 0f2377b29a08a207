// SPDX-License-Identifier: Apache-2.0
#include "agent/report/groups.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "agent/results/failure_groups.hpp"

namespace spyre::report {
namespace {

using results::CaseResult;
using results::RunRecord;

const results::Attempt& last(const CaseResult& result) {
  return result.attempts.back();
}

void sort_groups(std::vector<MessageGroup>& groups) {
  for (MessageGroup& group : groups) {
    std::sort(group.cases.begin(), group.cases.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
  }
  std::stable_sort(groups.begin(), groups.end(), [](const MessageGroup& a, const MessageGroup& b) {
    return a.cases.size() != b.cases.size() ? a.cases.size() > b.cases.size() : a.message < b.message;
  });
}

}  // namespace

std::vector<FailureGroup> group_failures(const RunRecord& record) {
  results::FailureGrouper grouper;
  std::unordered_map<std::string_view, const CaseResult*> by_id;
  for (const CaseResult& each : record.cases) {
    if (each.attempts.empty() || !results::is_failure(each.outcome())) continue;
    by_id.emplace(each.id, &each);
    grouper.add(each.id, last(each));
  }
  std::vector<FailureGroup> groups;
  for (results::FailureGroup& found : grouper.groups()) {
    FailureGroup& group = groups.emplace_back();
    group.message = std::move(found.message);
    group.where = std::move(found.where);
    if (results::is_infrastructure(found.kind)) group.infrastructure = results::name(found.kind);
    for (const std::string& id : found.cases) group.cases.push_back(by_id.at(id));
  }
  return groups;
}

std::vector<MessageGroup> group_by_message(const RunRecord& record, results::Outcome outcome) {
  std::map<std::string, std::size_t> known;
  std::vector<MessageGroup> groups;
  for (const CaseResult& each : record.cases) {
    if (each.attempts.empty() || each.outcome() != outcome) continue;
    const std::string reason = results::reason(last(each));
    const auto [group, is_new] = known.try_emplace(results::normalised_message(reason), groups.size());
    if (is_new) groups.push_back({reason.empty() ? "no reason given" : reason, {}});
    groups[group->second].cases.push_back(&each);
  }
  sort_groups(groups);
  return groups;
}

std::vector<const CaseResult*> flaky_cases(const RunRecord& record) {
  std::vector<const CaseResult*> cases;
  for (const CaseResult& each : record.cases) {
    if (!each.attempts.empty() && each.flaky()) cases.push_back(&each);
  }
  std::sort(cases.begin(), cases.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
  return cases;
}

std::vector<const CaseResult*> slowest_cases(const RunRecord& record, std::size_t count, double least_s) {
  std::vector<const CaseResult*> cases;
  for (const CaseResult& each : record.cases) {
    if (!each.attempts.empty() && each.duration_s() >= least_s) cases.push_back(&each);
  }
  const auto slower = [](const CaseResult* a, const CaseResult* b) {
    return a->duration_s() != b->duration_s() ? a->duration_s() > b->duration_s() : a->id < b->id;
  };
  count = std::min(count, cases.size());
  std::partial_sort(cases.begin(), cases.begin() + static_cast<std::ptrdiff_t>(count), cases.end(), slower);
  cases.resize(count);
  return cases;
}

}  // namespace spyre::report
