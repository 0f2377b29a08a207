// SPDX-License-Identifier: Apache-2.0
#include "agent/database/connection.hpp"

#include <utility>

#include <Poco/Data/Session.h>
#include <Poco/Exception.h>
#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/database/engine.hpp"

namespace spyre::database {
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

Connection::Connection(std::unique_ptr<Engine> engine) : m_engine(std::move(engine)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Result<Connection> Connection::open(const std::string& url, const Owner& owner, Seconds patience) {
  const std::string_view scheme = split(url, ':').front();
  if (scheme == "sqlite") return open_sqlite(url, owner, patience);
  if (scheme == "postgresql" || scheme == "postgres") return open_postgresql(url, owner, patience);
  return fail(ErrorKind::usage, fmt::format("'{}' is not the URL of a {}", shorten(url, 200), owner.noun),
              fmt::format("write it as sqlite:///path/to/{}.sqlite or postgresql://user@host/database", owner.noun));
}

const std::string& Connection::name() const {
  return m_engine->name();
}

const Owner& Connection::owner() const {
  return m_engine->owner();
}

EngineKind Connection::engine() const {
  return m_engine->kind();
}

Result<void> Connection::run(std::string_view sql, std::vector<Value> values) {
  return guarded(*m_engine, [&] {
    Poco::Data::Statement statement(m_engine->session());
    statement << m_engine->translated(sql);
    bind(statement, values);
    statement.execute();
  });
}

Result<void> Connection::run_rows(const RowStatement& statement, std::vector<Values>& columns) {
  return guarded(*m_engine, [&] { m_engine->run_rows(statement, columns); });
}

Result<void> Connection::read(std::string_view sql, std::vector<Value> values, const std::vector<Column>& columns) {
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

Result<std::int64_t> Connection::read_number(std::string_view sql, std::vector<Value> values) {
  std::vector<std::int64_t> numbers;
  CHECK_OK(read(sql, std::move(values), {&numbers}));
  if (numbers.empty())
    return fail(ErrorKind::internal, fmt::format("{} {}: no row from {}", owner().noun, name(), sql));
  return numbers.front();
}

Result<void> Connection::begin() {
  return m_engine->begin(*this);
}

Result<void> Connection::commit() {
  return m_engine->commit(*this);
}

void Connection::rollback() {
  // A failed rollback leaves nothing to do: the engine has rolled back by itself, or does when the connection closes.
  static_cast<void>(m_engine->rollback(*this));
}

Result<std::int64_t> Connection::schema_version() {
  return m_engine->schema_version(*this);
}

Result<void> Connection::set_schema_version(std::int64_t version) {
  return m_engine->set_schema_version(*this, version);
}

Result<void> Connection::lock_schema() {
  return m_engine->lock_schema(*this);
}

Result<Transaction> Transaction::begin(Connection& connection) {
  CHECK_OK(connection.begin());
  return Transaction(connection);
}

Bulk Bulk::insert(Connection& connection, std::string table, std::vector<std::string> columns) {
  return {connection, {RowStatement::Kind::insert, std::move(table), std::move(columns)}};
}

Bulk Bulk::update(Connection& connection, std::string table, std::vector<std::string> columns, std::string key) {
  columns.push_back(std::move(key));
  return {connection, {RowStatement::Kind::update, std::move(table), std::move(columns)}};
}

Result<void> Bulk::finish() {
  if (m_rows == 0) return {};
  const auto done = m_connection.run_rows(m_statement, m_columns);
  for (Values& values : m_columns) std::visit([](auto& list) { list.clear(); }, values);
  m_rows = 0;
  return done;
}

}  // namespace spyre::database
