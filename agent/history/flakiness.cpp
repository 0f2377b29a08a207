// SPDX-License-Identifier: Apache-2.0
#include "agent/history/flakiness.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "agent/database/connection.hpp"

namespace spyre::history {
namespace {

using results::Outcome;

constexpr std::size_t cases_a_query = 200;

// The key within which passes and failures of a case contradict each other: the revision and the stack key; the number
// of the run when one of them is unknown.
using Sameness = std::tuple<std::int64_t, std::string, std::string>;

// The examined runs.
struct Window {
  std::unordered_map<std::int64_t, Sameness> runs;
  std::string ids;  // "7,8,9", for SQL
};

// A run with an unknown revision or stack has its own key.
Sameness sameness_of(const RunInfo& run) {
  if (run.revision.empty() || run.stack_key.empty()) return {run.id, "", ""};
  return {0, run.revision, run.stack_key};
}

Result<Window> read_window(database::Connection& connection, RunFilter filter) {
  filter.kept_only = true;
  TRY(const std::vector<RunInfo> runs, read_runs(connection, filter));
  Window window;
  for (const RunInfo& run : runs) {
    window.ids += fmt::format("{}{}", window.ids.empty() ? "" : ",", run.id);
    window.runs.emplace(run.id, sameness_of(run));
  }
  return window;
}

using EvidenceOfCase = std::map<Sameness, Evidence>;

// Return the evidence on all cases that failed at least once, by the case's number. All other cases are stable.
Result<std::map<std::int64_t, EvidenceOfCase>> read_evidence(database::Connection& connection, const Window& window) {
  std::vector<std::int64_t> cases, runs, passed, failed;
  CHECK_OK(connection.read(
      fmt::format(
          "SELECT case_id, run_id, SUM(CASE WHEN outcome = {2} THEN 1 ELSE 0 END),"
          " SUM(CASE WHEN outcome IN ({1}) THEN 1 ELSE 0 END) FROM attempts WHERE run_id IN ({0}) AND case_id IN"
          " (SELECT case_id FROM attempts WHERE run_id IN ({0}) AND outcome IN ({1})) GROUP BY case_id, run_id",
          window.ids, failure_numbers(), static_cast<int>(Outcome::passed)),
      {}, {&cases, &runs, &passed, &failed}));
  std::map<std::int64_t, EvidenceOfCase> all;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    Evidence& evidence = all[cases[i]][window.runs.at(runs[i])];
    evidence.passed += passed[i];
    evidence.failed += failed[i];
    if (failed[i] > 0) ++evidence.runs_failed;
  }
  return all;
}

std::vector<Evidence> values_of(const EvidenceOfCase& of_case) {
  std::vector<Evidence> all;
  for (const auto& [same, evidence] : of_case) all.push_back(evidence);
  return all;
}

// Fill in names and messages of the verdicts, which are indexed by the case's number.
Result<void> describe(database::Connection& connection, const Window& window,
                      std::map<std::int64_t, FlakyCase>& verdicts) {
  std::vector<std::int64_t> numbers;
  for (const auto& [number, verdict] : verdicts) numbers.push_back(number);
  for (std::size_t from = 0; from < numbers.size(); from += cases_a_query) {
    const std::size_t to = std::min(from + cases_a_query, numbers.size());
    const std::string list = fmt::format("{}", fmt::join(numbers.begin() + static_cast<std::ptrdiff_t>(from),
                                                         numbers.begin() + static_cast<std::ptrdiff_t>(to), ","));
    std::vector<std::int64_t> cases, failed_cases;
    std::vector<std::string> names, units, messages;
    CHECK_OK(connection.read(
        fmt::format("SELECT c.id, c.name, u.name FROM cases c JOIN units u ON u.id = c.unit_id WHERE c.id IN ({})",
                    list),
        {}, {&cases, &names, &units}));
    for (std::size_t i = 0; i < cases.size(); ++i) {
      verdicts.at(cases[i]).id = std::move(names[i]);
      verdicts.at(cases[i]).unit = std::move(units[i]);
    }
    CHECK_OK(
        connection.read(fmt::format("SELECT a.case_id, m.text FROM attempts a JOIN runs r ON r.id = a.run_id"
                                    " JOIN messages m ON m.id = a.message_id WHERE a.run_id IN ({}) AND a.case_id IN"
                                    " ({}) AND a.outcome IN ({}) ORDER BY r.started, a.number",
                                    window.ids, list, failure_numbers()),
                        {}, {&failed_cases, &messages}));
    // The latest message overwrites earlier ones.
    for (std::size_t i = 0; i < failed_cases.size(); ++i) {
      verdicts.at(failed_cases[i]).message = std::move(messages[i]);
    }
  }
  return {};
}

// In quarantine a test may fail: then it has another outcome.
bool passes(Outcome outcome) {
  return outcome == Outcome::passed || outcome == Outcome::xpassed;
}
bool fails(Outcome outcome) {
  return results::is_failure(outcome) || outcome == Outcome::xfailed;
}

// Count the runs of the window in which a test passed since the last run in which any of its cases failed.
Result<std::int64_t> passes_in_a_row(database::Connection& connection, const Window& window, std::int64_t unit) {
  std::vector<std::int64_t> runs, outcomes;
  CHECK_OK(connection.read(
      fmt::format("SELECT a.run_id, a.outcome FROM cases c JOIN attempts a ON a.case_id = c.id JOIN runs r ON"
                  " r.id = a.run_id WHERE c.unit_id = ? AND a.run_id IN ({}) ORDER BY r.started, a.run_id",
                  window.ids),
      {unit}, {&runs, &outcomes}));
  std::int64_t count = 0;
  for (std::size_t i = 0; i < runs.size();) {
    const std::int64_t run = runs[i];
    bool passed = false, failed = false;
    for (; i < runs.size() && runs[i] == run; ++i) {
      passed = passed || passes(outcome_of(outcomes[i]));
      failed = failed || fails(outcome_of(outcomes[i]));
    }
    if (failed) count = 0;
    if (passed && !failed) ++count;
  }
  return count;
}

Result<void> suggest(database::Connection& connection, const Window& window, const FlakyOptions& options,
                     const IsQuarantined& is_quarantined, Flakiness& flakiness) {
  std::set<std::string> to_take_out;
  for (const FlakyCase& each : flakiness.cases) {
    if (each.flaky && each.rate.low > options.quarantine_above && !is_quarantined(each.unit)) {
      to_take_out.insert(each.unit);
    }
  }
  flakiness.quarantine.assign(to_take_out.begin(), to_take_out.end());
  std::vector<std::int64_t> units;
  std::vector<std::string> names;
  CHECK_OK(connection.read("SELECT id, name FROM units ORDER BY name", {}, {&units, &names}));
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (!is_quarantined(names[i])) continue;
    TRY(const std::int64_t count, passes_in_a_row(connection, window, units[i]));
    if (count > 0 && wilson(0, count).high < options.release_below) flakiness.release.push_back(names[i]);
  }
  return {};
}

}  // namespace

FlakyCase judge(const std::vector<Evidence>& revisions, const FlakyOptions& options) {
  FlakyCase verdict;
  for (const Evidence& each : revisions) {
    if (each.passed == 0) continue;
    verdict.trials += each.passed + each.failed;
    verdict.failures += each.failed;
    verdict.flips += each.runs_failed;
  }
  verdict.rate = wilson(verdict.failures, verdict.trials);
  verdict.flaky = verdict.flips >= options.least_flips && verdict.rate.low > options.flaky_above;
  return verdict;
}

Result<Flakiness> read_flakiness(database::Connection& connection, const FlakyOptions& options,
                                 const IsQuarantined& is_quarantined) {
  Flakiness flakiness;
  flakiness.goal = options.goal;
  TRY(const std::int64_t tests,
      connection.read_number("SELECT count(*) FROM units WHERE id IN (SELECT unit_id FROM cases WHERE gone = 0)"));
  flakiness.tests = static_cast<std::size_t>(tests);
  TRY(const Window window, read_window(connection, options.runs));
  flakiness.runs = window.runs.size();
  if (window.runs.empty()) return flakiness;
  TRY(const auto evidence, read_evidence(connection, window));
  std::map<std::int64_t, FlakyCase> verdicts;
  for (const auto& [number, of_case] : evidence) {
    FlakyCase verdict = judge(values_of(of_case), options);
    if (verdict.failures > 0) verdicts.emplace(number, std::move(verdict));
  }
  CHECK_OK(describe(connection, window, verdicts));
  std::set<std::string> flaky_units;
  for (auto& [number, verdict] : verdicts) {
    if (verdict.flaky) flaky_units.insert(verdict.unit);
    flakiness.cases.push_back(std::move(verdict));
  }
  flakiness.flaky_tests = flaky_units.size();
  std::sort(flakiness.cases.begin(), flakiness.cases.end(), [](const FlakyCase& a, const FlakyCase& b) {
    if (a.flaky != b.flaky) return a.flaky;
    return a.rate.low != b.rate.low ? a.rate.low > b.rate.low : a.id < b.id;
  });
  CHECK_OK(suggest(connection, window, options, is_quarantined, flakiness));
  return flakiness;
}

nlohmann::json to_json(const Flakiness& flakiness) {
  nlohmann::json cases = nlohmann::json::array();
  for (const FlakyCase& each : flakiness.cases) {
    cases.push_back({{"id", each.id},
                     {"unit", each.unit},
                     {"flaky", each.flaky},
                     {"trials", each.trials},
                     {"failures", each.failures},
                     {"flips", each.flips},
                     {"rate_low", each.rate.low},
                     {"rate_high", each.rate.high},
                     {"message", each.message}});
  }
  return {{"schema", schema_id("flaky")}, {"runs", flakiness.runs},
          {"tests", flakiness.tests},     {"flaky_tests", flakiness.flaky_tests},
          {"share", flakiness.share()},   {"goal", flakiness.goal},
          {"cases", std::move(cases)},    {"quarantine", flakiness.quarantine},
          {"release", flakiness.release}};
}

}  // namespace spyre::history
