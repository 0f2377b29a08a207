// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cctype>
#include <mutex>
#include <type_traits>

#include <Poco/Data/PostgreSQL/Connector.h>
#include <Poco/Data/PostgreSQL/PostgreSQLException.h>
#include <Poco/Data/Session.h>
#include <Poco/Exception.h>
#include <Poco/URI.h>
#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/database/engine.hpp"
#include "agent/database/failures.hpp"

namespace spyre::database {
namespace {

namespace postgresql = Poco::Data::PostgreSQL;
using Poco::Data::Keywords::use;

// The advisory lock for schema changes. Before schema version 4 of the history, programs take the same lock for
// imports: the migration waits for those too.
constexpr std::int64_t schema_lock = 0x53505952;

struct Target {
  std::string name;        // without the password
  std::string connection;  // "host=… user=…"
};

// Quote a value of a connection string.
Result<std::string> connection_value(const std::string& value, const Owner& owner) {
  std::string out;
  for (const char c : value) {
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      return fail(ErrorKind::usage, fmt::format("the URL of the {} has a blank in it", owner.noun),
                  "give the password in ~/.pgpass or PGPASSWORD instead");
    }
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

Result<Target> parse_target(const std::string& url, const Owner& owner) {
  try {
    const Poco::URI uri(url);
    const std::vector<std::string_view> user = split(uri.getUserInfo(), ':');
    const auto decoded = [](std::string_view text) {
      std::string out;
      Poco::URI::decode(std::string(text), out);
      return out;
    };
    const std::string database = uri.getPath().empty() ? "" : uri.getPath().substr(1);
    std::vector<std::pair<std::string, std::string>> parts{
        {"host", decoded(uri.getHost())}, {"user", decoded(user[0])}, {"dbname", database}};
    if (uri.getPort() != 0) parts.emplace_back("port", std::to_string(uri.getPort()));
    if (user.size() > 1) parts.emplace_back("password", decoded(uri.getUserInfo().substr(user[0].size() + 1)));
    for (const auto& [key, value] : uri.getQueryParameters()) parts.emplace_back(key, value);

    Target target{fmt::format("postgresql://{}{}/{}", uri.getHost(),
                              uri.getPort() != 0 ? fmt::format(":{}", uri.getPort()) : "", database),
                  "application_name=spyre-ci"};
    for (const auto& [key, value] : parts) {
      if (value.empty()) continue;
      TRY(const std::string written, connection_value(value, owner));
      target.connection += fmt::format(" {}={}", key, written);
    }
    return target;
  } catch (const Poco::Exception&) {
    return fail(ErrorKind::usage, fmt::format("the URL of the {} is not valid", owner.noun),
                "write it as postgresql://user@host:port/database");
  }
}

Error explained(const Poco::Exception& error, const std::string& name, const Owner& owner, bool is_connected) {
  const std::string text = error.displayText();
  const Meaning meaning = is_connected ? meaning_of_sqlstate(sqlstate_in(text)) : connection_lost;
  return {meaning.kind, fmt::format("{} {}: {}", owner.noun, name, trim(text.substr(0, text.find('\n')))),
          std::string(meaning.hint)};
}

Error not_opened(const Poco::Exception& error, const std::string& name, const Owner& owner) {
  Error out = explained(error, name, owner, true);
  if (sqlstate_in(error.displayText()).empty()) {
    // The library has no SQLSTATE for a refused connection; the server's text says what was wrong.
    out.hint = "check that the server runs, that the database exists and that the user may connect";
  }
  return out;
}

// Return an array in PostgreSQL's syntax: {1,2} or {"a","b"}.
std::string array_of(const Values& values) {
  std::string out = "{";
  const auto add = [&](const auto& value) {
    using T = std::decay_t<decltype(value)>;
    if (out.size() > 1) out += ',';
    if constexpr (std::is_same_v<T, std::string>) {
      out += '"';
      for (const char c : value) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
      }
      out += '"';
    } else {
      fmt::format_to(std::back_inserter(out), "{}", value);
    }
  };
  std::visit(
      [&](const auto& list) {
        for (const auto& value : list) add(value);
      },
      values);
  return out + "}";
}

std::string_view type_of(const Values& values) {
  constexpr std::array<std::string_view, 3> types{"bigint[]", "double precision[]", "text[]"};
  return types[values.index()];
}

// Uses one statement for all rows: each column is a parameter, an array.
std::string rows_sql(const RowStatement& statement, const std::vector<Values>& columns) {
  std::vector<std::string> arrays, names;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    arrays.push_back(fmt::format("${}::{}", i + 1, type_of(columns[i])));
    names.push_back(fmt::format("c{}", i));
  }
  const std::string rows = fmt::format("unnest({}) AS v({})", join(arrays, ", "), join(names, ", "));
  if (statement.kind == RowStatement::Kind::insert) {
    // OVERRIDING, because the ids come from new_ids().
    return fmt::format("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT * FROM {}{}", statement.table,
                       join(statement.columns, ", "), rows, conflict_clause(statement));
  }
  std::vector<std::string> assignments;
  for (std::size_t i = 0; i + 1 < columns.size(); ++i) {
    assignments.push_back(fmt::format("{} = v.c{}", statement.columns[i], i));
  }
  return fmt::format("UPDATE {0} SET {1} FROM {2} WHERE {0}.{3} = v.c{4}", statement.table, join(assignments, ", "),
                     rows, statement.columns.back(), columns.size() - 1);
}

class Postgresql final : public Engine {
 public:
  Postgresql(Target target, const Owner& owner)
      : m_name(std::move(target.name)),
        m_owner(owner),
        m_session(postgresql::Connector::KEY, target.connection, connect_seconds) {}

  const std::string& name() const override { return m_name; }
  const Owner& owner() const override { return m_owner; }
  EngineKind kind() const override { return EngineKind::postgresql; }
  Poco::Data::Session& session() override { return m_session; }
  Error explain(const Poco::Exception& error) override {
    return explained(error, m_name, m_owner, m_session.isConnected());
  }

  std::string translated(std::string_view sql) const override {
    std::string out;
    int number = 0;
    for (const char c : sql) out += c == '?' ? fmt::format("${}", ++number) : std::string(1, c);
    return out;
  }

  std::size_t run_rows(const RowStatement& statement, std::vector<Values>& columns) override {
    std::vector<std::string> arrays;
    arrays.reserve(columns.size());
    for (const Values& values : columns) arrays.push_back(array_of(values));
    Poco::Data::Statement rows(m_session);
    rows << rows_sql(statement, columns);
    for (std::string& array : arrays) rows, use(array);
    return rows.execute();
  }

  // Ids come from the sequence of the identity column.
  Result<std::vector<std::int64_t>> new_ids(Connection& connection, std::string_view table,
                                            std::size_t count) override {
    std::vector<std::int64_t> ids;
    if (count == 0) return ids;
    CHECK_OK(connection.read("SELECT nextval(pg_get_serial_sequence(?, 'id')) FROM generate_series(1, ?::bigint)",
                             {std::string(table), static_cast<std::int64_t>(count)}, {&ids}));
    return ids;
  }

  Result<void> begin(Connection&) override {
    return in_session([&] { m_session.begin(); });
  }
  Result<void> commit(Connection&) override {
    return in_session([&] { m_session.commit(); });
  }
  Result<void> rollback(Connection&) override {
    return in_session([&] { m_session.rollback(); });
  }

  Result<std::int64_t> schema_version(Connection& connection) override {
    std::vector<std::int64_t> versions;
    CHECK_OK(connection.read("SELECT version FROM schema_version", {}, {&versions}));
    return versions.empty() ? 0 : versions.front();
  }
  Result<void> set_schema_version(Connection& connection, std::int64_t version) override {
    CHECK_OK(connection.run("DELETE FROM schema_version"));
    return connection.run("INSERT INTO schema_version (version) VALUES (?)", {version});
  }
  Result<void> lock_schema(Connection& connection) override {
    return connection.run(fmt::format("SELECT pg_advisory_xact_lock({})", schema_lock));
  }

 private:
  template <typename Body>
  Result<void> in_session(const Body& body) {
    try {
      body();
      return {};
    } catch (const Poco::Exception& error) {
      return tl::make_unexpected(explain(error));
    }
  }

  std::string m_name;
  Owner m_owner;
  Poco::Data::Session m_session;
};

Result<void> make_schema(Connection& connection) {
  TRY(const std::int64_t found,
      connection.read_number("SELECT count(*) FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
                             {std::string(connection.owner().schema), std::string("schema_version")}));
  if (found > 0) return {};
  // CREATE … IF NOT EXISTS fails if two processes run it at once, so they take turns here as well.
  TRY(Transaction transaction, Transaction::begin(connection));
  CHECK_OK(connection.lock_schema());
  CHECK_OK(connection.run(fmt::format("CREATE SCHEMA IF NOT EXISTS {}", connection.owner().schema)));
  CHECK_OK(connection.run("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)"));
  return transaction.commit();
}

Result<void> prepare(Connection& connection, Seconds patience) {
  // The tables are in a schema of their own, so that the database can be shared.
  CHECK_OK(connection.run(fmt::format("SET search_path TO {}", connection.owner().schema)));
  CHECK_OK(connection.run(fmt::format("SET lock_timeout TO '{:.0f}ms'", patience.count() * 1000)));
  // As Connection::begin documents, whatever the server's default is.
  CHECK_OK(connection.run("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED"));
  // Keeps "NOTICE: relation exists, skipping" out of our log.
  CHECK_OK(connection.run("SET client_min_messages TO warning"));
  return make_schema(connection);
}

}  // namespace

Result<Connection> open_postgresql(const std::string& url, const Owner& owner, Seconds patience) {
  static std::once_flag once;
  std::call_once(once, postgresql::Connector::registerConnector);
  TRY(Target target, parse_target(url, owner));
  const std::string name = target.name;
  try {
    Connection connection(std::make_unique<Postgresql>(std::move(target), owner));
    CHECK_OK(prepare(connection, patience));
    return connection;
  } catch (const Poco::Exception& error) {
    return tl::make_unexpected(not_opened(error, name, owner));
  }
}

}  // namespace spyre::database
