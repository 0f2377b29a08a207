// SPDX-License-Identifier: Apache-2.0
#include "agent/relay/conclusion.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/core/utc.hpp"
#include "agent/relay/verdict.hpp"
#include "agent/results/case_id.hpp"

namespace spyre::relay {
namespace {

using results::Outcome;
using Records = std::vector<results::RunRecord>;

constexpr std::size_t reasons_told = 5;

Result<void> check_one_job(const Records& records) {
  if (records.empty()) return fail(ErrorKind::usage, "there is no run to report", "give --from RUN_DIR");
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (records[i].revision != records.front().revision) {
      return fail(ErrorKind::usage,
                  fmt::format("runs {} and {} are of different revisions, {} and {}", records.front().run_id,
                              records[i].run_id, records.front().revision, records[i].revision),
                  "give the shards of one job");
    }
    for (std::size_t other = 0; other < i; ++other) {
      if (records[i].run_id == records[other].run_id) {
        return fail(ErrorKind::usage, fmt::format("the run {} is given twice", records[i].run_id));
      }
    }
  }
  return {};
}

TestResults count(const Records& records) {
  std::array<std::size_t, results::outcome_count> counts{};
  TestResults sums;
  for (const auto& record : records) {
    for (const auto& each : record.cases) ++counts[static_cast<std::size_t>(each.outcome())];
    sums.total += record.cases.size();
  }
  const auto of = [&](Outcome outcome) { return counts[static_cast<std::size_t>(outcome)]; };
  sums.passed = of(Outcome::passed) + of(Outcome::xfailed) + of(Outcome::xpassed);
  sums.failed = of(Outcome::failed) + of(Outcome::error) + of(Outcome::crashed) + of(Outcome::timed_out);
  sums.skipped = of(Outcome::skipped);
  return sums;
}

FailedTest described(const results::CaseResult& failed) {
  const results::CaseName id = results::split_case_id(failed.id);
  const results::Attempt& last = failed.attempts.back();
  FailedTest test;
  test.name = id.name.empty() ? id.file : id.name;
  std::vector<std::string> path{results::module_name(id.file)};
  for (const std::string_view part : split(id.class_path, ':')) {
    if (!part.empty()) path.emplace_back(part);
  }
  test.classname = join(path, ".");
  test.message = results::reason(last);
  if (test.message.empty()) test.message = results::name(last.outcome);
  test.stacktrace = last.details;
  test.duration_s = last.duration_s;
  return test;
}

std::vector<FailedTest> failed_tests(const Records& records) {
  std::vector<const results::CaseResult*> failed;
  for (const auto& record : records) {
    for (const auto& each : record.cases) {
      if (results::is_failure(each.outcome())) failed.push_back(&each);
    }
  }
  std::sort(failed.begin(), failed.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
  std::vector<FailedTest> tests;
  tests.reserve(failed.size());
  for (const auto* each : failed) tests.push_back(described(*each));
  return tests;
}

// Why cases could not be run: infrastructure failures of the agent first, then the reasons of the cases.
struct Obstacles {
  std::size_t not_run = 0, over_time = 0, over_budget = 0;  // the last two are subsets of not_run
  std::vector<std::string> infra;
  std::map<std::string, std::size_t> reasons;

  bool any() const { return not_run > 0 || !infra.empty(); }
  bool only_time() const { return infra.empty() && over_time == not_run; }
  bool only_budget() const { return infra.empty() && over_budget == not_run; }
};

Obstacles obstacles(const Records& records) {
  Obstacles found;
  for (const auto& record : records) {
    found.infra.insert(found.infra.end(), record.infra.begin(), record.infra.end());
    for (const auto& each : record.cases) {
      if (each.outcome() != Outcome::not_run) continue;
      ++found.not_run;
      if (each.over_budget()) ++found.over_budget;
      if (!each.attempts.empty() && results::is_time(each.attempts.back().cause)) ++found.over_time;
      ++found.reasons[each.attempts.empty() ? "it never ran" : results::reason(each.attempts.back())];
    }
  }
  return found;
}

std::string explained(const Obstacles& obstacles, const TestResults& counts) {
  std::string text = fmt::format("{} of {} cases were not run", obstacles.not_run, counts.total);
  if (counts.failed > 0) text += fmt::format("; {} of the others failed", counts.failed);
  std::size_t told = 0;
  for (const std::string& reason : obstacles.infra) {
    if (told++ < reasons_told) text += fmt::format(". {}", shorten(reason, 300));
  }
  for (const auto& [reason, cases] : obstacles.reasons) {
    if (told++ < reasons_told) text += fmt::format(". {}: {}", cases, shorten(reason, 300));
  }
  if (told > reasons_told) text += fmt::format(". And {} more reasons", told - reasons_told);
  return text;
}

void conclude_unfinished(const Records& records, Report& report) {
  const auto stopped =
      std::find_if(records.begin(), records.end(), [](const auto& record) { return record.interrupted_by != 0; });
  report.conclusion = Conclusion::cancelled;
  report.verdict = stopped != records.end()
                       ? make_verdict("unknown", "high",
                                      fmt::format("The run was stopped from outside, by signal {}, before it ended.",
                                                  stopped->interrupted_by))
                       : make_verdict("infra", "medium", "The run did not end: its agent was killed.");
}

void set_times(const Records& records, Report& report) {
  std::int64_t first = 0, last = 0;
  for (const auto& record : records) {
    const auto started = parse_utc(record.started);
    if (!started) continue;
    first = first == 0 ? *started : std::min(first, *started);
    last = std::max(last, *started + static_cast<std::int64_t>(record.wall_s * 1000));
  }
  if (first == 0) return;
  report.started_at = format_utc_ms(first);
  report.completed_at = format_utc_ms(last);
}

std::string common_stack_key(const Records& records) {
  const std::string& first = records.front().stack_key;
  const bool same =
      std::all_of(records.begin(), records.end(), [&](const auto& each) { return each.stack_key == first; });
  return same ? first : std::string();
}

}  // namespace

Result<Report> conclude(const Records& records) {
  CHECK_OK(check_one_job(records));
  Report report;
  report.test_results = count(records);
  report.failed_tests = failed_tests(records);
  set_times(records, report);
  report.environment = common_stack_key(records);
  const Obstacles found = obstacles(records);
  const bool whole = std::all_of(records.begin(), records.end(), [](const results::RunRecord& record) {
    return record.finished && record.interrupted_by == 0;
  });
  if (!whole) {
    conclude_unfinished(records, report);
  } else if (found.any() && !(found.only_budget() && report.test_results.failed > 0)) {
    report.conclusion = found.only_time() ? Conclusion::timed_out : Conclusion::cancelled;
    report.verdict = make_verdict("infra", "high", explained(found, report.test_results));
  } else if (report.test_results.failed > 0) {
    report.conclusion = Conclusion::failure;
  } else if (report.test_results.total == 0) {
    report.verdict = make_verdict("unknown", "high", "No tests were run: none were selected.");
  } else {
    report.conclusion = Conclusion::success;
  }
  return report;
}

void tell(Report report, Callback& callback) {
  callback.conclusion = report.conclusion;
  callback.test_results = report.test_results;
  callback.failed_tests = std::move(report.failed_tests);
  callback.verdict = std::move(report.verdict);
  callback.environment = std::move(report.environment);
  if (!report.started_at.empty()) callback.started_at = std::move(report.started_at);
  if (!report.completed_at.empty()) callback.completed_at = std::move(report.completed_at);
}

Report conclude(const Error& error) {
  Report report;
  const bool stopped = error.kind == ErrorKind::interrupted || error.kind == ErrorKind::nothing_selected;
  report.verdict =
      make_verdict(stopped ? "unknown" : "infra", "high", fmt::format("The tests could not be run: {}", error.message));
  return report;
}

}  // namespace spyre::relay
