// SPDX-License-Identifier: Apache-2.0
#include "agent/history/case_history.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "agent/core/text.hpp"
#include "agent/core/utc.hpp"
#include "agent/database/connection.hpp"
#include "agent/history/runs.hpp"

namespace spyre::history {
namespace {

Result<void> read_case_runs(database::Connection& connection, std::int64_t case_id, std::size_t limit,
                            CaseHistory& history) {
  std::vector<std::int64_t> runs, started, outcomes, cards;
  std::vector<double> seconds;
  std::vector<std::string> run_ids, revisions, stages, messages;
  // Join from runs: attempts have an index on run and case, not on the case alone.
  CHECK_OK(connection.read(
      "SELECT r.id, r.run_id, r.revision, r.stage, r.started, a.outcome, a.seconds, a.card,"
      " COALESCE(m.text, '') FROM runs r CROSS JOIN attempts a LEFT JOIN messages m"
      " ON m.id = a.message_id WHERE r.kept = 1 AND a.run_id = r.id AND a.case_id = ?"
      " ORDER BY r.started DESC, r.id DESC, a.number",
      {case_id}, {&runs, &run_ids, &revisions, &stages, &started, &outcomes, &seconds, &cards, &messages}));
  std::int64_t current = -1;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i] != current) {
      if (history.runs.size() == limit) break;
      current = runs[i];
      history.runs.push_back({std::move(run_ids[i]), std::move(revisions[i]), std::move(stages[i]), started[i]});
    }
    CaseRun& run = history.runs.back();
    run.outcome = outcome_of(outcomes[i]);
    run.seconds = seconds[i];
    run.card = cards[i];
    ++run.attempts;
    if (!messages[i].empty()) run.message = std::move(messages[i]);
  }
  return {};
}

Result<void> read_case_months(database::Connection& connection, std::int64_t case_id, CaseHistory& history) {
  std::vector<std::int64_t> months, runs, passed, failed, flaky;
  std::vector<double> seconds;
  CHECK_OK(
      connection.read("SELECT month, runs, passed, failed, flaky, seconds FROM rollups WHERE case_id = ?"
                      " ORDER BY month DESC",
                      {case_id}, {&months, &runs, &passed, &failed, &flaky, &seconds}));
  for (std::size_t i = 0; i < months.size(); ++i) {
    const double mean = passed[i] == 0 ? 0 : seconds[i] / static_cast<double>(passed[i]);
    history.months.push_back({months[i], runs[i], passed[i], failed[i], flaky[i], mean});
  }
  return {};
}

// Return the names of tests with the same last part.
Result<std::string> similar_names(database::Connection& connection, const std::string& id) {
  const std::size_t last = id.rfind("::");
  const std::string tail = last == std::string::npos ? id : id.substr(last + 2);
  std::vector<std::string> names;
  CHECK_OK(
      connection.read("SELECT name FROM units WHERE name LIKE ? ORDER BY name LIMIT 5", {"%" + tail + "%"}, {&names}));
  return names.empty() ? std::string("`spyre-ci history durations` lists all known tests")
                       : "did you mean " + join(names, ", ");
}

}  // namespace

Result<std::vector<CaseHistory>> read_case_histories(database::Connection& connection, const std::string& id,
                                                     std::size_t runs, std::size_t cases) {
  std::vector<std::int64_t> numbers, gone;
  std::vector<double> estimates;
  std::vector<std::string> names, units;
  CHECK_OK(
      connection.read("SELECT c.id, c.name, u.name, c.gone, c.estimate FROM cases c JOIN units u ON u.id = c.unit_id"
                      " WHERE c.name = ? OR u.name = ? ORDER BY c.gone, c.name LIMIT ?",
                      {id, id, static_cast<std::int64_t>(cases)}, {&numbers, &names, &units, &gone, &estimates}));
  if (numbers.empty()) {
    TRY(std::string hint, similar_names(connection, id));
    return fail(ErrorKind::not_found, fmt::format("the history does not contain '{}'", shorten(id, 300)),
                std::move(hint));
  }
  std::vector<CaseHistory> histories;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    CaseHistory history{std::move(names[i]), std::move(units[i]), gone[i] != 0, {}, estimates[i], {}, {}};
    CHECK_OK(
        connection.read("SELECT t.tag FROM tags t JOIN units u ON u.id = t.unit_id WHERE u.name = ? ORDER BY t.tag",
                        {history.unit}, {&history.tags}));
    CHECK_OK(read_case_runs(connection, numbers[i], runs, history));
    CHECK_OK(read_case_months(connection, numbers[i], history));
    histories.push_back(std::move(history));
  }
  return histories;
}

nlohmann::json to_json(const std::vector<CaseHistory>& histories) {
  nlohmann::json cases = nlohmann::json::array();
  for (const CaseHistory& history : histories) {
    nlohmann::json runs = nlohmann::json::array(), months = nlohmann::json::array();
    for (const CaseRun& run : history.runs) {
      runs.push_back({{"run_id", run.run_id},
                      {"revision", run.revision},
                      {"stage", run.stage},
                      {"started", format_utc_ms(run.started)},
                      {"outcome", results::name(run.outcome)},
                      {"attempts", run.attempts},
                      {"duration_s", run.seconds},
                      {"card", run.card},
                      {"message", run.message}});
    }
    for (const CaseMonth& month : history.months) {
      months.push_back({{"month", fmt::format("{}-{:02}", month.month / 100, month.month % 100)},
                        {"runs", month.runs},
                        {"passed", month.passed},
                        {"failed", month.failed},
                        {"flaky", month.flaky},
                        {"pass_s", month.pass_s}});
    }
    cases.push_back({{"id", history.id},
                     {"unit", history.unit},
                     {"gone", history.gone},
                     {"tags", history.tags},
                     {"estimate_s", history.estimate_s < 0 ? nlohmann::json() : nlohmann::json(history.estimate_s)},
                     {"runs", std::move(runs)},
                     {"months", std::move(months)}});
  }
  return {{"schema", schema_id("test-history")}, {"cases", std::move(cases)}};
}

}  // namespace spyre::history
