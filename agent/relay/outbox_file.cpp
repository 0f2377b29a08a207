// SPDX-License-Identifier: Apache-2.0
#include "agent/relay/outbox_file.hpp"

#include "agent/database/migrations.hpp"

namespace spyre::relay {
namespace {

constexpr database::Owner outbox_owner{.noun = "outbox",
                                       .setting = "relay.outbox",
                                       .after_loss = "give another file, or move this one away: a new one is created",
                                       .application_id = 0x53504F42};  // "SPOB"

// Times are milliseconds since 1970. job: the key shared by both messages of a job. state: relay::State as a number.
// since: start of the time until giving up; due: earliest time to send; claim: id of the process that sends it, 0 if
// unclaimed, valid until claimed_until; may_have_arrived: the relay may have received it in an earlier attempt.
const database::Migration version_1{{
    // NOLINTBEGIN(bugprone-suspicious-missing-comma): statements are longer than a line.
    "CREATE TABLE messages (id INTEGER PRIMARY KEY, job TEXT NOT NULL, status INTEGER NOT NULL,"
    " repository TEXT NOT NULL, delivery_id TEXT NOT NULL, workflow TEXT NOT NULL, job_name TEXT NOT NULL,"
    " check_run_id TEXT NOT NULL, url TEXT NOT NULL, body TEXT NOT NULL, created BIGINT NOT NULL, since BIGINT NOT "
    "NULL,"
    " state INTEGER NOT NULL, attempts INTEGER NOT NULL, may_have_arrived INTEGER NOT NULL, due BIGINT NOT NULL,"
    " claim BIGINT NOT NULL, claimed_until BIGINT NOT NULL, changed BIGINT NOT NULL, reason TEXT NOT NULL,"
    " UNIQUE (job, status))",
    "CREATE INDEX messages_by_state ON messages (state, due)",
    "CREATE TABLE rates (repository TEXT PRIMARY KEY, calls DOUBLE PRECISION NOT NULL, at BIGINT NOT NULL)",
    "CREATE TABLE dispatches (delivery_id TEXT PRIMARY KEY, upstream TEXT NOT NULL, pull_request BIGINT NOT NULL,"
    " sha TEXT NOT NULL, accepted BIGINT NOT NULL, superseded_by TEXT NOT NULL)",
    "CREATE INDEX dispatches_by_pull_request ON dispatches (upstream, pull_request)",
    // NOLINTEND(bugprone-suspicious-missing-comma)
}};

}  // namespace

Result<database::Connection> open_outbox_file(const std::filesystem::path& path) {
  TRY(database::Connection connection, database::Connection::open_file(path, outbox_owner));
  CHECK_OK(migrate(connection, {&version_1, 1}));
  return connection;
}

Milliseconds milliseconds(SystemTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

}  // namespace spyre::relay
