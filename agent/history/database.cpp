// SPDX-License-Identifier: Apache-2.0
#include "agent/history/database.hpp"

#include <utility>

#include <Poco/Data/Session.h>
#include <Poco/Exception.h>
#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/history/engine.hpp"

namespace spyre::history {
namespace {

using Poco::Data::Keywords::into;
using Poco::Data::Keywords::use;

// Runs `body`; what the library throws becomes an error.
template <typename Body>
Result<void> guarded(const Engine& engine, const Body& body) {
  try {
    body();
    return {};
  } catch (const Poco::Exception& error) {
    return tl::make_unexpected(engine.explain(error));
  }
}

void bind(Poco::Data::Statement& statement, std::vector<Value>& values) {
  for (Value& value : values) {
    std::visit([&](auto& bound) { statement, use(bound); }, value);
  }
}

}  // namespace

Database::Database(std::unique_ptr<Engine> engine) : m_engine(std::move(engine)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const std::string& url, Seconds patience) {
  const std::string_view scheme = split(url, ':').front();
  if (scheme == "sqlite") return open_sqlite(url, patience);
  if (scheme == "postgresql" || scheme == "postgres") return open_postgresql(url, patience);
  return fail(ErrorKind::usage, fmt::format("'{}' is not the URL of a history", shorten(url, 200)),
              "write it as sqlite:///path/to/history.sqlite or postgresql://user@host/database");
}

const std::string& Database::name() const {
  return m_engine->name();
}

Result<void> Database::run(std::string_view sql, std::vector<Value> values) {
  return guarded(*m_engine, [&] {
    Poco::Data::Statement statement(m_engine->session());
    statement << m_engine->translated(sql);
    bind(statement, values);
    statement.execute();
  });
}

Result<void> Database::run_rows(const RowStatement& statement, std::vector<Values>& columns) {
  return guarded(*m_engine, [&] { m_engine->run_rows(statement, columns); });
}

Result<void> Database::read(std::string_view sql, std::vector<Value> values, const std::vector<Column>& columns) {
  return guarded(*m_engine, [&] {
    Poco::Data::Statement statement(m_engine->session());
    statement << m_engine->translated(sql);
    bind(statement, values);
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
  return m_engine->begin(*this);
}

Result<void> Database::commit() {
  return m_engine->commit(*this);
}

void Database::rollback() {
  // A failed rollback leaves nothing to do: the engine has rolled back by itself, or does when the connection closes.
  static_cast<void>(m_engine->rollback(*this));
}

Result<std::int64_t> Database::schema_version() {
  return m_engine->schema_version(*this);
}

Result<void> Database::set_schema_version(std::int64_t version) {
  return m_engine->set_schema_version(*this, version);
}

std::string_view Database::keyed_table_suffix() const {
  return m_engine->keyed_table_suffix();
}

Result<Transaction> Transaction::begin(Database& database) {
  CHECK_OK(database.begin());
  return Transaction(database);
}

Bulk Bulk::insert(Database& database, std::string table, std::vector<std::string> columns) {
  return {database, {RowStatement::Kind::insert, std::move(table), std::move(columns)}};
}

Bulk Bulk::update(Database& database, std::string table, std::vector<std::string> columns, std::string key) {
  columns.push_back(std::move(key));
  return {database, {RowStatement::Kind::update, std::move(table), std::move(columns)}};
}

Result<void> Bulk::finish() {
  if (m_rows == 0) return {};
  const auto done = m_database.run_rows(m_statement, m_columns);
  for (Values& values : m_columns) std::visit([](auto& list) { list.clear(); }, values);
  m_rows = 0;
  return done;
}

}  // namespace spyre::history
