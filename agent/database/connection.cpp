// SPDX-License-Identifier: Apache-2.0
#include "agent/database/connection.hpp"

#include <list>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include <Poco/Data/Session.h>
#include <Poco/Exception.h>
#include <Poco/Nullable.h>
#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/database/engine.hpp"

namespace spyre::database {
namespace {

using Poco::Data::Keywords::bind;
using Poco::Data::Keywords::into;
using Poco::Data::Keywords::use;

// Run `body` and turn an exception of the library into an error.
template <typename Body>
auto guarded(Engine& engine, const Body& body) -> Result<decltype(body())> {
  try {
    if constexpr (std::is_void_v<decltype(body())>) {
      body();
      return {};
    } else {
      return body();
    }
  } catch (const Poco::Exception& error) {
    return tl::make_unexpected(engine.explain(error));
  }
}

template <typename T>
void bind_one(Poco::Data::Statement& statement, T& value) {
  statement, use(value);
}
template <typename T>
void bind_one(Poco::Data::Statement& statement, std::optional<T>& value) {
  statement, bind(value ? Poco::Nullable<T>(*value) : Poco::Nullable<T>());
}

void bind_all(Poco::Data::Statement& statement, std::vector<Value>& values) {
  for (Value& value : values) {
    std::visit([&](auto& bound) { bind_one(statement, bound); }, value);
  }
}

// Columns that may be NULL, held in the library's types until they are read.
template <typename T>
struct NullableColumn {
  std::vector<std::optional<T>>* target = nullptr;
  std::vector<Poco::Nullable<T>> read{};
};

class Columns {
 public:
  void add(Poco::Data::Statement& statement, const Column& column) {
    std::visit([&](auto* target) { add_one(statement, target); }, column);
  }
  void finish() {
    std::apply([](auto&... lists) { (copy(lists), ...); }, m_nullable);
  }

 private:
  template <typename T>
  void add_one(Poco::Data::Statement& statement, std::vector<T>* target) {
    statement, into(*target);
  }
  template <typename T>
  void add_one(Poco::Data::Statement& statement, std::vector<std::optional<T>>* target) {
    auto& column = std::get<std::list<NullableColumn<T>>>(m_nullable).emplace_back(NullableColumn<T>{target});
    statement, into(column.read);
  }
  template <typename T>
  static void copy(std::list<NullableColumn<T>>& columns) {
    for (NullableColumn<T>& column : columns) {
      column.target->clear();
      for (const auto& value : column.read) {
        column.target->push_back(value.isNull() ? std::optional<T>{} : std::optional<T>(value.value()));
      }
    }
  }

  std::tuple<std::list<NullableColumn<std::int64_t>>, std::list<NullableColumn<double>>,
             std::list<NullableColumn<std::string>>>
      m_nullable;
};

}  // namespace

std::string conflict_clause(const RowStatement& statement) {
  return statement.unique.empty() ? "" : fmt::format(" ON CONFLICT ({}) DO NOTHING", statement.unique);
}

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

bool Connection::is_connected() {
  return m_engine->session().isConnected();
}

Result<void> Connection::run(std::string_view sql, std::vector<Value> values) {
  CHECK_OK(change(sql, std::move(values)));
  return {};
}

Result<std::int64_t> Connection::change(std::string_view sql, std::vector<Value> values) {
  return guarded(*m_engine, [&] {
    Poco::Data::Statement statement(m_engine->session());
    statement << m_engine->translated(sql);
    bind_all(statement, values);
    return static_cast<std::int64_t>(statement.execute());
  });
}

Result<std::int64_t> Connection::run_rows(const RowStatement& statement, std::vector<Values>& columns) {
  return guarded(*m_engine, [&] { return static_cast<std::int64_t>(m_engine->run_rows(statement, columns)); });
}

Result<void> Connection::read(std::string_view sql, std::vector<Value> values, const std::vector<Column>& columns) {
  return guarded(*m_engine, [&] {
    Columns targets;
    Poco::Data::Statement statement(m_engine->session());
    statement << m_engine->translated(sql);
    bind_all(statement, values);
    for (const Column& column : columns) targets.add(statement, column);
    statement.execute();
    targets.finish();
  });
}

Result<std::int64_t> Connection::read_number(std::string_view sql, std::vector<Value> values) {
  std::vector<std::int64_t> numbers;
  CHECK_OK(read(sql, std::move(values), {&numbers}));
  if (numbers.empty())
    return fail(ErrorKind::internal, fmt::format("{} {}: no row from {}", owner().noun, name(), sql));
  return numbers.front();
}

Result<std::vector<std::int64_t>> Connection::new_ids(std::string_view table, std::size_t count) {
  return m_engine->new_ids(*this, table, count);
}

Result<void> Connection::begin() {
  return m_engine->begin(*this);
}

Result<void> Connection::commit() {
  return m_engine->commit(*this);
}

void Connection::rollback() {
  // A failed rollback needs no handling: the engine has rolled back by itself, or does so when the connection closes.
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

Bulk Bulk::insert_new(Connection& connection, std::string table, std::vector<std::string> columns, std::string unique) {
  return {connection, {RowStatement::Kind::insert, std::move(table), std::move(columns), std::move(unique)}};
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
  if (!done) return tl::make_unexpected(done.error());
  m_written += *done;
  return {};
}

}  // namespace spyre::database
