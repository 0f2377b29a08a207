// SPDX-License-Identifier: Apache-2.0
#include "agent/history/database.hpp"

#include <filesystem>
#include <mutex>
#include <utility>

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/SQLiteException.h>
#include <Poco/Data/Session.h>
#include <Poco/Exception.h>
#include <fmt/format.h>

#include "agent/core/files.hpp"

namespace spyre::history {
namespace fs = std::filesystem;
namespace sqlite = Poco::Data::SQLite;
using Poco::Data::Keywords::into;
using Poco::Data::Keywords::now;
using Poco::Data::Keywords::use;

namespace {

constexpr std::string_view sqlite_scheme = "sqlite://";
// In the header of the file: tells our databases from everybody else's.
constexpr std::int64_t application_id = 0x53505952;  // "SPYR"

Error explain(const Poco::Exception& error, const std::string& name) {
  const auto make = [&](ErrorKind kind, std::string hint) {
    return Error{kind, fmt::format("history {}: {}", name, error.displayText()), std::move(hint)};
  };
  if (dynamic_cast<const sqlite::DBLockedException*>(&error) != nullptr ||
      dynamic_cast<const sqlite::TableLockedException*>(&error) != nullptr) {
    return make(ErrorKind::busy, "another process is writing to it; try again");
  }
  if (dynamic_cast<const sqlite::CorruptImageException*>(&error) != nullptr) {
    return make(ErrorKind::invalid,
                "give another file, or move this one away: a new one is made and runs can be imported again");
  }
  if (dynamic_cast<const sqlite::InvalidSQLStatementException*>(&error) != nullptr)
    return make(ErrorKind::internal, {});
  return make(ErrorKind::io, "check the free space and the permissions of the file and its folder");
}

void add_value(Poco::Data::Statement& statement, Value& value) {
  std::visit([&](auto& bound) { statement, use(bound); }, value);
}

Result<fs::path> sqlite_path(const std::string& url) {
  if (url.starts_with(sqlite_scheme) && url.size() > sqlite_scheme.size() + 1 && url[sqlite_scheme.size()] == '/') {
    return fs::path(url.substr(sqlite_scheme.size()));
  }
  return fail(ErrorKind::usage, fmt::format("'{}' is not the URL of a history", url),
              "write it as sqlite:///path/to/history.sqlite");
}

}  // namespace

class Database::Impl {
 public:
  Impl(const fs::path& path) : m_name(path.string()), m_session(sqlite::Connector::KEY, m_name) {}

  const std::string& name() const { return m_name; }
  Poco::Data::Session& session() { return m_session; }

  // Runs `body`; what the library throws becomes an error.
  template <typename Body>
  Result<void> guarded(const Body& body) {
    try {
      body();
      return {};
    } catch (const Poco::Exception& error) {
      return tl::make_unexpected(explain(error, m_name));
    }
  }

 private:
  std::string m_name;
  Poco::Data::Session m_session;
};

namespace {

Result<void> check_ours(Database& database) {
  TRY(const std::int64_t id, database.read_number("PRAGMA application_id"));
  TRY(const std::int64_t objects, database.read_number("SELECT count(*) FROM sqlite_master"));
  if (id == application_id || objects == 0) return {};
  return fail(ErrorKind::invalid, fmt::format("history {}: this database holds something else", database.name()),
              "give another file with history.url");
}

// WAL: readers and the one writer do not wait for each other, and a killed writer leaves the last commit.
// The file remembers it. Two processes must not switch at once: SQLite gives up instead of waiting there.
Result<void> switch_to_wal(Database& database) {
  std::vector<std::string> mode;
  CHECK_OK(database.read("PRAGMA journal_mode", {}, {&mode}));
  if (mode == std::vector<std::string>{"wal"}) return {};
  TRY(const auto lock, FileLock::take(database.name() + ".lock"));
  CHECK_OK(database.read("PRAGMA journal_mode = WAL", {}, {&mode}));
  return database.run(fmt::format("PRAGMA application_id = {}", application_id));
}

Result<void> prepare(Database& database) {
  // Waiting for another writer is normal: an import of a large run takes seconds.
  CHECK_OK(database.run("PRAGMA busy_timeout = 60000"));
  CHECK_OK(check_ours(database));
  CHECK_OK(switch_to_wal(database));
  CHECK_OK(database.run("PRAGMA cache_size = -65536"));  // KiB
  return database.run("PRAGMA temp_store = MEMORY");
}

}  // namespace

Database::Database(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const std::string& url) {
  static std::once_flag once;
  std::call_once(once, sqlite::Connector::registerConnector);
  TRY(const fs::path path, sqlite_path(url));
  if (path.has_parent_path()) CHECK_OK(make_folders(path.parent_path()));
  try {
    Database database(std::make_unique<Impl>(path));
    CHECK_OK(prepare(database));
    return database;
  } catch (const Poco::Exception& error) {
    return tl::make_unexpected(explain(error, path.string()));
  }
}

const std::string& Database::name() const {
  return m_impl->name();
}

Result<void> Database::run(std::string_view sql, std::vector<Value> values) {
  return m_impl->guarded([&] {
    Poco::Data::Statement statement(m_impl->session());
    statement << std::string(sql);
    for (Value& value : values) add_value(statement, value);
    statement.execute();
  });
}

Result<void> Database::run_each(std::string_view sql, std::vector<Values>& columns) {
  return m_impl->guarded([&] {
    Poco::Data::Statement statement(m_impl->session());
    statement << std::string(sql);
    for (Values& values : columns) {
      std::visit([&](auto& list) { statement, use(list); }, values);
    }
    statement.execute();
  });
}

Result<void> Database::read(std::string_view sql, std::vector<Value> values, const std::vector<Column>& columns) {
  return m_impl->guarded([&] {
    Poco::Data::Statement statement(m_impl->session());
    statement << std::string(sql);
    for (Value& value : values) add_value(statement, value);
    for (const Column& column : columns) {
      std::visit([&](auto* target) { statement, into(*target); }, column);
    }
    statement.execute();
  });
}

Result<std::int64_t> Database::read_number(std::string_view sql, std::vector<Value> values) {
  std::vector<std::int64_t> numbers;
  CHECK_OK(read(sql, std::move(values), {&numbers}));
  if (numbers.empty()) return fail(ErrorKind::internal, fmt::format("history {}: no row from {}", name(), sql));
  return numbers.front();
}

Result<void> Database::begin() {
  return run("BEGIN IMMEDIATE");
}

Result<void> Database::commit() {
  return run("COMMIT");
}

void Database::rollback() {
  // A failed rollback leaves nothing to do: SQLite has rolled back by itself, or does when the connection closes.
  static_cast<void>(run("ROLLBACK"));
}

Result<std::int64_t> Database::schema_version() {
  return read_number("PRAGMA user_version");
}

Result<void> Database::set_schema_version(std::int64_t version) {
  return run(fmt::format("PRAGMA user_version = {}", version));
}

std::string_view Database::keyed_table_suffix() const {
  return "WITHOUT ROWID";
}

Result<Transaction> Transaction::begin(Database& database) {
  CHECK_OK(database.begin());
  return Transaction(database);
}

Result<void> Bulk::finish() {
  if (m_rows == 0) return {};
  const auto done = m_database.run_each(m_sql, m_columns);
  for (Values& values : m_columns) std::visit([](auto& list) { list.clear(); }, values);
  m_rows = 0;
  return done;
}

}  // namespace spyre::history
