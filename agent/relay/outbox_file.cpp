// SPDX-License-Identifier: Apache-2.0
#include "agent/relay/outbox_file.hpp"

#include <array>
#include <string_view>

#include <fmt/format.h>

namespace spyre::relay {
namespace {

constexpr history::Owner owner{"outbox", "relay.outbox", 0x53504F42};  // "SPOB"
constexpr std::int64_t version = 1;

// Times are milliseconds since 1970. job: the text that both messages of a job share. state: relay::State as a number.
// since: when the time to give up began; due: not to be sent before; claim: of the process that is sending it, 0 for
// nobody, until claimed_until at the latest; may_have_arrived: the relay may have got it by an attempt that is over.
constexpr std::array<std::string_view, 5> tables{
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
};

Result<bool> is_current(history::Database& database) {
  TRY(const std::int64_t found, database.schema_version());
  if (found <= version) return found == version;
  return fail(ErrorKind::invalid,
              fmt::format("outbox {} has schema version {}; this program knows {}", database.name(), found, version),
              "use the newer spyre-ci that wrote it, or give another file with relay.outbox");
}

Result<void> make_tables(history::Database& database) {
  TRY(history::Transaction transaction, history::Transaction::begin(database));
  // Another process may have been faster.
  TRY(const bool made, is_current(database));
  if (made) return {};
  for (const std::string_view table : tables) CHECK_OK(database.run(table));
  CHECK_OK(database.set_schema_version(version));
  return transaction.commit();
}

}  // namespace

Result<history::Database> open_outbox_file(const std::filesystem::path& path) {
  TRY(history::Database database, history::Database::open_file(path, owner));
  TRY(const bool current, is_current(database));
  if (!current) CHECK_OK(make_tables(database));
  return database;
}

Milliseconds milliseconds(SystemTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

}  // namespace spyre::relay
