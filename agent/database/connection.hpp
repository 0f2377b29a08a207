// SPDX-License-Identifier: Apache-2.0
// A small door to an SQL database: statements with bound values, columns read as vectors, transactions. The same SQL
// goes to every engine; what differs between them is in engine.hpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"

namespace spyre::database {

// What a `?` in a statement stands for. An optional without a value is NULL.
using Value = std::variant<std::int64_t, double, std::string, std::optional<std::int64_t>, std::optional<double>,
                           std::optional<std::string>>;
// A column of many rows to write.
using Values = std::variant<std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>>;
// Where a column of the answer goes: one element a row. NULL arrives as 0 or "" where the elements are not optional.
using Column = std::variant<std::vector<std::int64_t>*, std::vector<double>*, std::vector<std::string>*,
                            std::vector<std::optional<std::int64_t>>*, std::vector<std::optional<double>>*,
                            std::vector<std::optional<std::string>>*>;

// A statement for many rows: INSERT of all columns, or UPDATE of all but the last one, which is the key.
struct RowStatement {
  enum class Kind { insert, update } kind = Kind::insert;
  std::string table;
  std::vector<std::string> columns;
  std::string unique{};  // of an INSERT: rows whose value in this column is there already are left out
};

class Engine;

// What a database is for: two owners never write into each other's.
struct Owner {
  std::string_view noun{};          // in errors: "history"
  std::string_view setting{};       // the key of the configuration that names the database: "history.url"
  std::string_view after_loss{};    // hint for a damaged file
  std::int64_t application_id = 0;  // in the header of a SQLite file
  std::string_view schema{};        // of the tables in PostgreSQL; empty for an owner that is in SQLite alone
};

enum class EngineKind { sqlite, postgresql };

// Waiting for another writer is normal: an import of a large run takes seconds.
inline constexpr Seconds usual_patience{60};

class Connection {
 public:
  // `url`: "sqlite:///path/to/file" (makes the file and its directory) or "postgresql://user@host/database".
  // `patience`: how long to wait for other writers, now and later. What cannot be opened is given up within 5 s.
  // Error: usage, io, busy, invalid (not a database, or of another owner).
  static Result<Connection> open(const std::string& url, const Owner& owner, Seconds patience = usual_patience);
  // The same with the path of a SQLite file. Error: io, busy, invalid.
  static Result<Connection> open_file(const std::filesystem::path& path, const Owner& owner,
                                      Seconds patience = usual_patience);
  explicit Connection(std::unique_ptr<Engine> engine);
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  // How people call it, in errors: the path, or the URL without the password.
  const std::string& name() const;
  const Owner& owner() const;
  EngineKind engine() const;
  // False when the server has ended the connection, as far as the statements so far have told.
  bool is_connected();

  // Error: busy (held by another process for too long), io, invalid (damaged), internal (wrong SQL).
  Result<void> run(std::string_view sql, std::vector<Value> values = {});
  // The same for INSERT, UPDATE and DELETE: returns how many rows were written or deleted.
  Result<std::int64_t> change(std::string_view sql, std::vector<Value> values = {});
  // The columns are of the same length, at least one. Returns how many rows were written.
  Result<std::int64_t> run_rows(const RowStatement& statement, std::vector<Values>& columns);
  // Also for INSERT … RETURNING.
  Result<void> read(std::string_view sql, std::vector<Value> values, const std::vector<Column>& columns);
  // The first column of the only row. Error: as above, internal when there is no row.
  Result<std::int64_t> read_number(std::string_view sql, std::vector<Value> values = {});

  // In a transaction: ids for new rows of a table with a column `id`, ascending. No other process gets them too.
  Result<std::vector<std::int64_t>> new_ids(std::string_view table, std::size_t count);

  // Starts a transaction that writes. In SQLite writers take turns: this waits for the one before. In PostgreSQL each
  // statement sees what others have committed by then, and waits for the rows and tables that others have locked.
  // Error: busy, io.
  Result<void> begin();
  Result<void> commit();
  void rollback();

  // The version of the schema; 0 in a new database.
  Result<std::int64_t> schema_version();
  Result<void> set_schema_version(std::int64_t version);
  // In a transaction: waits until no other process changes the schema, for the rest of the transaction.
  Result<void> lock_schema();

 private:
  std::unique_ptr<Engine> m_engine;
};

// Rolls back at the end of its life unless committed.
class Transaction {
 public:
  static Result<Transaction> begin(Connection& connection);
  Transaction(Transaction&& other) noexcept : m_connection(std::exchange(other.m_connection, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction() {
    if (m_connection != nullptr) m_connection->rollback();
  }
  Result<void> commit() {
    auto done = m_connection->commit();
    if (done) m_connection = nullptr;
    return done;
  }

 private:
  explicit Transaction(Connection& connection) : m_connection(&connection) {}
  Connection* m_connection;
};

// Many rows, sent in blocks: what makes imports fast.
//   Bulk units = Bulk::insert(connection, "units", {"id", "name"});
//   CHECK_OK(units.add(7, "test/test_a.py::test_b")); … CHECK_OK(units.finish());
class Bulk {
 public:
  static Bulk insert(Connection& connection, std::string table, std::vector<std::string> columns);
  // Leaves out rows whose value in the column `unique` is there already: written() tells how many were not.
  static Bulk insert_new(Connection& connection, std::string table, std::vector<std::string> columns,
                         std::string unique);
  // The last value of each row is the key.
  static Bulk update(Connection& connection, std::string table, std::vector<std::string> columns, std::string key);

  // A value for each column; of the same types in every row.
  template <typename... T>
  Result<void> add(const T&... values) {
    std::size_t column = 0;
    (append(column++, values), ...);
    return ++m_rows < rows_a_block ? Result<void>{} : finish();
  }
  // Sends what is left. Without this call it is lost.
  Result<void> finish();
  std::int64_t written() const { return m_written; }

 private:
  static constexpr int rows_a_block = 1000;

  Bulk(Connection& connection, RowStatement statement) : m_connection(connection), m_statement(std::move(statement)) {}

  template <typename T>
  std::vector<T>& column(std::size_t index) {
    if (index == m_columns.size()) m_columns.emplace_back(std::vector<T>{});
    return std::get<std::vector<T>>(m_columns[index]);
  }
  void append(std::size_t index, std::int64_t value) { column<std::int64_t>(index).push_back(value); }
  void append(std::size_t index, double value) { column<double>(index).push_back(value); }
  void append(std::size_t index, std::string_view value) { column<std::string>(index).emplace_back(value); }

  Connection& m_connection;
  RowStatement m_statement;
  std::vector<Values> m_columns;
  int m_rows = 0;
  std::int64_t m_written = 0;
};

}  // namespace spyre::database
