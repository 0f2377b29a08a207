// SPDX-License-Identifier: Apache-2.0
#include "agent/report/comparison.hpp"

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/report/stack_text.hpp"

namespace spyre::report {

using results::CaseResult;
using results::Outcome;

bool Comparison::nothing() const {
  return newly_failing.empty() && failing_and_new.empty() && still_failing.empty() && fixed.empty() && added == 0 &&
         missing == 0;
}

Comparison compare(const results::RunRecord& record, const std::string& earlier_id, const Outcomes& earlier) {
  Comparison comparison;
  comparison.run_id = earlier_id;
  std::unordered_set<std::string_view> seen;
  for (const CaseResult& each : record.cases) {
    if (each.attempts.empty()) continue;
    const auto then = earlier.find(each.id);
    const bool fails = results::is_failure(each.outcome());
    if (then == earlier.end()) {
      ++comparison.added;
      if (fails) comparison.failing_and_new.push_back(each.id);
      continue;
    }
    seen.insert(each.id);
    const bool failed = results::is_failure(then->second);
    if (fails) (failed ? comparison.still_failing : comparison.newly_failing).push_back(each.id);
    if (failed && each.outcome() == Outcome::passed) comparison.fixed.push_back(each.id);
  }
  comparison.missing = earlier.size() - seen.size();
  for (auto* ids :
       {&comparison.newly_failing, &comparison.failing_and_new, &comparison.still_failing, &comparison.fixed}) {
    std::sort(ids->begin(), ids->end());
  }
  return comparison;
}

std::string comparison_line(const Comparison& comparison) {
  std::vector<std::string> parts;
  const auto add = [&](std::size_t count, const char* what) {
    if (count > 0) parts.push_back(fmt::format("{} {}", count, what));
  };
  add(comparison.newly_failing.size(), "newly failing");
  add(comparison.failing_and_new.size(), "new and failing");
  add(comparison.fixed.size(), "fixed");
  add(comparison.still_failing.size(), "still failing");
  add(comparison.added, "added");
  add(comparison.missing, "missing");
  std::string line =
      fmt::format("since run {}: {}", comparison.run_id, parts.empty() ? "no difference" : join(parts, ", "));
  if (!comparison.stack_changes.empty()) {
    std::vector<std::string> changes;
    for (const results::StackChange& change : comparison.stack_changes) changes.push_back(stack_change_text(change));
    line += "; the stack changed: " + join(changes, ", ");
  }
  return line;
}

}  // namespace spyre::report
