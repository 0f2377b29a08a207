// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <numeric>
#include <thread>

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/SQLiteException.h>
#include <Poco/Data/Session.h>
#include <Poco/Exception.h>
#include <fmt/format.h>

#include "agent/core/files.hpp"
#include "agent/core/text.hpp"
#include "agent/database/engine.hpp"

namespace spyre::database {
namespace {

namespace fs = std::filesystem;
namespace sqlite = Poco::Data::SQLite;
using Poco::Data::Keywords::use;

constexpr std::string_view scheme = "sqlite://";

// The library has a class of exceptions for each result code.
Error explained(const Poco::Exception& error, const std::string& name, const Owner& owner) {
  const auto make = [&](ErrorKind kind, std::string hint) {
    return Error{kind, fmt::format("{} {}: {}", owner.noun, name, error.displayText()), std::move(hint)};
  };
  if (dynamic_cast<const sqlite::DBLockedException*>(&error) != nullptr ||
      dynamic_cast<const sqlite::TableLockedException*>(&error) != nullptr) {
    return make(ErrorKind::busy, "another process is writing to it; try again");
  }
  if (dynamic_cast<const sqlite::CorruptImageException*>(&error) != nullptr) {
    return make(ErrorKind::invalid, std::string(owner.after_loss));
  }
  if (dynamic_cast<const sqlite::InvalidSQLStatementException*>(&error) != nullptr ||
      dynamic_cast<const sqlite::ConstraintViolationException*>(&error) != nullptr) {
    return make(ErrorKind::internal, {});
  }
  return make(ErrorKind::io, "check the free space and the permissions of the file and its directory");
}

std::string row_sql(const RowStatement& statement) {
  if (statement.kind == RowStatement::Kind::insert) {
    std::string marks = "?";
    for (std::size_t i = 1; i < statement.columns.size(); ++i) marks += ", ?";
    return fmt::format("INSERT INTO {} ({}) VALUES ({}){}", statement.table, join(statement.columns, ", "), marks,
                       conflict_clause(statement));
  }
  std::vector<std::string> assignments = statement.columns;
  for (std::string& column : assignments) column += " = ?";
  const std::string key = std::move(assignments.back());
  assignments.pop_back();
  return fmt::format("UPDATE {} SET {} WHERE {}", statement.table, join(assignments, ", "), key);
}

class Sqlite final : public Engine {
 public:
  Sqlite(const fs::path& path, const Owner& owner)
      : m_name(path.string()), m_owner(owner), m_session(sqlite::Connector::KEY, m_name, connect_seconds) {}

  const std::string& name() const override { return m_name; }
  const Owner& owner() const override { return m_owner; }
  EngineKind kind() const override { return EngineKind::sqlite; }
  Poco::Data::Session& session() override { return m_session; }
  Error explain(const Poco::Exception& error) override { return explained(error, m_name, m_owner); }
  std::string translated(std::string_view sql) const override { return std::string(sql); }

  std::size_t run_rows(const RowStatement& statement, std::vector<Values>& columns) override {
    // Bound to vectors, the statement is compiled once and executed once for each row.
    Poco::Data::Statement rows(m_session);
    rows << row_sql(statement);
    for (Values& values : columns) {
      std::visit([&](auto& list) { rows, use(list); }, values);
    }
    return rows.execute();
  }

  // begin() has locked out all other writers.
  Result<std::vector<std::int64_t>> new_ids(Connection& connection, std::string_view table,
                                            std::size_t count) override {
    TRY(const std::int64_t last, connection.read_number(fmt::format("SELECT COALESCE(MAX(id), 0) FROM {}", table)));
    std::vector<std::int64_t> ids(count);
    std::iota(ids.begin(), ids.end(), last + 1);
    return ids;
  }

  Result<void> begin(Connection& connection) override { return connection.run("BEGIN IMMEDIATE"); }
  Result<void> commit(Connection& connection) override { return connection.run("COMMIT"); }
  Result<void> rollback(Connection& connection) override { return connection.run("ROLLBACK"); }

  Result<std::int64_t> schema_version(Connection& connection) override {
    return connection.read_number("PRAGMA user_version");
  }
  Result<void> set_schema_version(Connection& connection, std::int64_t version) override {
    return connection.run(fmt::format("PRAGMA user_version = {}", version));
  }
  // begin() has taken the lock.
  Result<void> lock_schema(Connection&) override { return {}; }

 private:
  std::string m_name;
  Owner m_owner;
  Poco::Data::Session m_session;
};

Result<fs::path> path_of(const std::string& url, const Owner& owner) {
  if (url.starts_with(scheme) && url.size() > scheme.size() + 1 && url[scheme.size()] == '/') {
    return fs::path(url.substr(scheme.size()));
  }
  return fail(ErrorKind::usage, fmt::format("'{}' is not the URL of a {}", url, owner.noun),
              fmt::format("write it as sqlite:///path/to/{}.sqlite, with three slashes", owner.noun));
}

Result<void> check_ours(Connection& connection, const Owner& owner) {
  TRY(const std::int64_t id, connection.read_number("PRAGMA application_id"));
  TRY(const std::int64_t objects, connection.read_number("SELECT count(*) FROM sqlite_master"));
  if (id == owner.application_id || objects == 0) return {};
  return fail(ErrorKind::invalid,
              fmt::format("{} {}: this database belongs to another application", owner.noun, connection.name()),
              fmt::format("give another file with {}", owner.setting));
}

// Return whether the file is ours and in WAL mode already. Reading its header needs no lock, which another process may
// hold indefinitely. https://www.sqlite.org/fileformat2.html#the_database_header
bool is_ready(const fs::path& path, const Owner& owner) {
  constexpr std::size_t write_version = 18, application_id = 68;
  std::array<char, 100> header{};
  std::ifstream file(path, std::ios::binary);
  if (!file.read(header.data(), header.size())) return false;
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(header[at]); };
  std::int64_t id = 0;
  for (std::size_t i = 0; i < 4; ++i) id = id << 8 | byte(application_id + i);
  return id == owner.application_id && byte(write_version) == 2;
}

Result<FileLock> take_within(const fs::path& path, Seconds patience) {
  constexpr std::chrono::milliseconds interval{20};
  const auto end = std::chrono::steady_clock::now() + patience;
  while (true) {
    auto lock = FileLock::try_take(path);
    if (lock || lock.error().kind != ErrorKind::busy || std::chrono::steady_clock::now() >= end) return lock;
    std::this_thread::sleep_for(interval);
  }
}

// WAL: readers and the one writer do not wait for each other, and a killed writer leaves the last commit. The file
// remembers the mode.
Result<void> make_ours(Connection& connection, const Owner& owner, Seconds patience) {
  if (is_ready(connection.name(), owner)) return {};
  // One process at a time: SQLite gives up instead of waiting if another process even reads during the switch to WAL.
  TRY(const auto lock, take_within(connection.name() + ".lock", patience));
  CHECK_OK(check_ours(connection, owner));
  std::vector<std::string> mode;
  CHECK_OK(connection.read("PRAGMA journal_mode", {}, {&mode}));
  if (mode == std::vector<std::string>{"wal"}) return {};
  // Set the owner first, so that a file with tables always names its owner.
  CHECK_OK(connection.run(fmt::format("PRAGMA application_id = {}", owner.application_id)));
  return connection.read("PRAGMA journal_mode = WAL", {}, {&mode});
}

Result<void> prepare(Connection& connection, const Owner& owner, Seconds patience) {
  CHECK_OK(connection.run(fmt::format("PRAGMA busy_timeout = {:.0f}", patience.count() * 1000)));
  CHECK_OK(make_ours(connection, owner, patience));
  CHECK_OK(connection.run("PRAGMA cache_size = -65536"));  // KiB
  return connection.run("PRAGMA temp_store = MEMORY");
}

}  // namespace

Result<Connection> open_sqlite(const std::string& url, const Owner& owner, Seconds patience) {
  TRY(const fs::path path, path_of(url, owner));
  return Connection::open_file(path, owner, patience);
}

Result<Connection> Connection::open_file(const fs::path& path, const Owner& owner, Seconds patience) {
  static std::once_flag once;
  std::call_once(once, sqlite::Connector::registerConnector);
  if (path.has_parent_path()) CHECK_OK(make_directories(path.parent_path()));
  try {
    Connection connection(std::make_unique<Sqlite>(path, owner));
    CHECK_OK(prepare(connection, owner, patience));
    return connection;
  } catch (const Poco::Exception& error) {
    return tl::make_unexpected(explained(error, path.string(), owner));
  }
}

}  // namespace spyre::database
