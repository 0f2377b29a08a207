// SPDX-License-Identifier: Apache-2.0
#include "agent/history/schema.hpp"

#include <array>
#include <string_view>
#include <vector>

#include "agent/database/migrations.hpp"

namespace spyre::history {
namespace {

using Statements = std::vector<std::string_view>;

// Ids come from Connection::new_ids(). There are no foreign keys: only this directory writes and deletes rows.
// NOLINTBEGIN(bugprone-suspicious-missing-comma): statements are longer than a line.
const Statements version_1{
    // Kept for ever, with the totals: a run is a few small rows, and trends need no more. started: milliseconds since
    // 1970.
    "CREATE TABLE runs (id INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, revision TEXT NOT NULL,"
    " stage TEXT NOT NULL, started BIGINT NOT NULL, wall_s DOUBLE PRECISION NOT NULL, finished INTEGER NOT NULL,"
    " exit_code INTEGER NOT NULL, tests INTEGER NOT NULL, flaky INTEGER NOT NULL)",
    "CREATE INDEX runs_by_start ON runs (started)",
    // outcome: results::Outcome as a number.
    "CREATE TABLE totals (run_id INTEGER NOT NULL, outcome INTEGER NOT NULL, cases INTEGER NOT NULL,"
    " PRIMARY KEY (run_id, outcome)) {keyed}",
    // import_s and recent: the estimate of the file's import, and its input (recent.hpp).
    "CREATE TABLE files (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, import_s DOUBLE PRECISION NOT NULL,"
    " recent TEXT NOT NULL)",
    // whole_at: the start of the latest run that had most of the unit's cases; partial_runs: the number of runs since
    // then.
    "CREATE TABLE units (id INTEGER PRIMARY KEY, file_id INTEGER NOT NULL, name TEXT NOT NULL UNIQUE,"
    " whole_at BIGINT NOT NULL, partial_runs INTEGER NOT NULL)",
    // gone: the latest complete run of its unit did not have it. estimate: seconds, -1 when the case never ran.
    "CREATE TABLE cases (id INTEGER PRIMARY KEY, file_id INTEGER NOT NULL, unit_id INTEGER NOT NULL,"
    " name TEXT NOT NULL UNIQUE, gone INTEGER NOT NULL, estimate DOUBLE PRECISION NOT NULL, recent TEXT NOT NULL)",
    "CREATE TABLE messages (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)",
    // outcome: results::Outcome as a number; message_id 0: none. The rows of a run are adjacent: retention deletes them
    // in one go.
    "CREATE TABLE attempts (run_id INTEGER NOT NULL, case_id INTEGER NOT NULL, number INTEGER NOT NULL,"
    " outcome INTEGER NOT NULL, seconds DOUBLE PRECISION NOT NULL, card INTEGER NOT NULL, message_id INTEGER NOT NULL,"
    " PRIMARY KEY (run_id, case_id, number)) {keyed}",
    "CREATE TABLE imports (run_id INTEGER NOT NULL, file_id INTEGER NOT NULL, seconds DOUBLE PRECISION NOT NULL,"
    " PRIMARY KEY (run_id, file_id)) {keyed}",
};
// NOLINTEND(bugprone-suspicious-missing-comma)

// The cards of a run, and retention: the results of an old run are deleted, its row and totals stay, and each case
// keeps one row per month.
const Statements version_2{
    "ALTER TABLE runs ADD COLUMN stack TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE runs ADD COLUMN card_kind TEXT NOT NULL DEFAULT ''",
    // 1 as long as the run's attempts are stored.
    "ALTER TABLE runs ADD COLUMN kept INTEGER NOT NULL DEFAULT 1",
    // month: 202601. Number of runs in which the case passed (flaky: at a later attempt) and failed; seconds: of the
    // passes.
    "CREATE TABLE rollups (case_id INTEGER NOT NULL, month INTEGER NOT NULL, runs INTEGER NOT NULL,"
    " passed INTEGER NOT NULL, failed INTEGER NOT NULL, flaky INTEGER NOT NULL, seconds DOUBLE PRECISION NOT NULL,"
    " PRIMARY KEY (case_id, month)) {keyed}",
};

// The tags of a test, from configurations.
const Statements version_3{
    "CREATE TABLE tags (unit_id INTEGER NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (unit_id, tag)) {keyed}",
};

// Ids come from sequences, so that imports run in parallel. ALWAYS: the server refuses an older program that counts ids
// itself; otherwise it would use ids of the sequence.
const Statements version_4_postgresql{
    "ALTER TABLE runs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY",
    "ALTER TABLE files ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY",
    "ALTER TABLE units ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY",
    "ALTER TABLE cases ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY",
    "ALTER TABLE messages ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY",
    "SELECT setval(pg_get_serial_sequence('runs', 'id'), COALESCE(MAX(id), 0) + 1, false) FROM runs",
    "SELECT setval(pg_get_serial_sequence('files', 'id'), COALESCE(MAX(id), 0) + 1, false) FROM files",
    "SELECT setval(pg_get_serial_sequence('units', 'id'), COALESCE(MAX(id), 0) + 1, false) FROM units",
    "SELECT setval(pg_get_serial_sequence('cases', 'id'), COALESCE(MAX(id), 0) + 1, false) FROM cases",
    "SELECT setval(pg_get_serial_sequence('messages', 'id'), COALESCE(MAX(id), 0) + 1, false) FROM messages",
};

// A released migration is never edited.
const std::array<database::Migration, 4> migrations{
    {{version_1}, {version_2}, {version_3}, {.statements = {}, .postgresql = version_4_postgresql}}};

}  // namespace

std::int64_t newest_schema_version() {
  return static_cast<std::int64_t>(migrations.size());
}

Result<void> migrate(database::Connection& connection) {
  return migrate(connection, newest_schema_version());
}

Result<void> migrate(database::Connection& connection, std::int64_t target) {
  return database::migrate(connection, migrations, target);
}

}  // namespace spyre::history
