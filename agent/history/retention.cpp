// SPDX-License-Identifier: Apache-2.0
#include "agent/history/retention.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "agent/database/connection.hpp"
#include "agent/history/runs.hpp"
#include "agent/results/outcome.hpp"

namespace spyre::history {
namespace {

using results::Outcome;

std::int64_t month_of(std::int64_t milliseconds) {
  using namespace std::chrono;
  const year_month_day date{floor<days>(sys_time<std::chrono::milliseconds>{std::chrono::milliseconds{milliseconds}})};
  return int{date.year()} * 100 + static_cast<std::int64_t>(unsigned{date.month()});
}

// In the order of the cases, so that two processes that prune two runs cannot deadlock. A case passed in a run when one
// of its attempts passed: no attempt follows a pass.
std::string rollup_sql(std::int64_t run, std::int64_t month) {
  return fmt::format(
      "INSERT INTO rollups (case_id, month, runs, passed, failed, flaky, seconds)"
      " SELECT case_id, {1}, 1, passed, CASE WHEN passed = 0 AND failures > 0 THEN 1 ELSE 0 END,"
      " CASE WHEN passed = 1 AND failures > 0 THEN 1 ELSE 0 END, seconds FROM"
      " (SELECT case_id, MAX(CASE WHEN outcome = {2} THEN 1 ELSE 0 END) AS passed,"
      "  SUM(CASE WHEN outcome IN ({3}) THEN 1 ELSE 0 END) AS failures,"
      "  SUM(CASE WHEN outcome = {2} THEN seconds ELSE 0 END) AS seconds"
      "  FROM attempts WHERE run_id = {0} GROUP BY case_id) AS done WHERE 1 = 1 ORDER BY case_id"
      " ON CONFLICT (case_id, month) DO UPDATE SET runs = rollups.runs + 1, passed = rollups.passed + excluded.passed,"
      " failed = rollups.failed + excluded.failed, flaky = rollups.flaky + excluded.flaky,"
      " seconds = rollups.seconds + excluded.seconds",
      run, month, static_cast<int>(Outcome::passed), failure_numbers());
}

Result<std::int64_t> prune_run(database::Connection& connection, std::int64_t run, std::int64_t started) {
  TRY(database::Transaction transaction, database::Transaction::begin(connection));
  // Another process may have deleted them already.
  TRY(const std::int64_t marked, connection.change("UPDATE runs SET kept = 0 WHERE id = ? AND kept = 1", {run}));
  if (marked == 0) return -1;
  CHECK_OK(connection.run(rollup_sql(run, month_of(started))));
  TRY(const std::int64_t attempts, connection.change("DELETE FROM attempts WHERE run_id = ?", {run}));
  CHECK_OK(connection.run("DELETE FROM imports WHERE run_id = ?", {run}));
  CHECK_OK(transaction.commit());
  return attempts;
}

Result<void> prune_messages(database::Connection& connection) {
  TRY(database::Transaction transaction, database::Transaction::begin(connection));
  // This lock excludes imports that are about to use one of the messages.
  if (connection.engine() == database::EngineKind::postgresql) {
    CHECK_OK(connection.run("LOCK TABLE messages IN SHARE ROW EXCLUSIVE MODE"));
  }
  CHECK_OK(connection.run("DELETE FROM messages WHERE id NOT IN (SELECT message_id FROM attempts)"));
  return transaction.commit();
}

}  // namespace

Result<Pruned> prune_results(database::Connection& connection, std::int64_t before) {
  std::vector<std::int64_t> runs, started;
  CHECK_OK(connection.read("SELECT id, started FROM runs WHERE kept = 1 AND started < ? ORDER BY started", {before},
                           {&runs, &started}));
  Pruned pruned;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    TRY(const std::int64_t attempts, prune_run(connection, runs[i], started[i]));
    if (attempts < 0) continue;
    ++pruned.runs;
    pruned.attempts += static_cast<std::size_t>(attempts);
  }
  if (pruned.runs > 0) CHECK_OK(prune_messages(connection));
  return pruned;
}

}  // namespace spyre::history
