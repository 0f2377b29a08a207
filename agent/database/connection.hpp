// SPDX-License-Identifier: Apache-2.0
// A small interface to an SQL database: statements with bound values, columns read as vectors, transactions. Every
// engine gets the same SQL; the differences between engines are in engine.hpp.
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

// The value of a `?` in a statement. An optional without a value is NULL.
using Value = std::variant<std::int64_t, double, std::string, std::optional<std::int64_t>, std::optional<double>,
                           std::optional<std::string>>;
// A column of rows to write.
using Values = std::variant<std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>>;
// The destination of a column of the result: one element for each row. NULL is read as 0 or "" if the elements are not
// optional.
using Column = std::variant<std::vector<std::int64_t>*, std::vector<double>*, std::vector<std::string>*,
                            std::vector<std::optional<std::int64_t>>*, std::vector<std::optional<double>>*,
                            std::vector<std::optional<std::string>>*>;

// A statement for many rows: INSERT of all columns, or UPDATE of all but the last one, which is the key.
struct RowStatement {
  enum class Kind { insert, update } kind = Kind::insert;
  std::string table;
  std::vector<std::string> columns;
  std::string unique{};  // of an INSERT: rows whose value in this column exists already are left out
};

class Engine;

// The purpose of a database. An owner never writes into the database of another.
struct Owner {
  std::string_view noun{};          // in errors: "history"
  std::string_view setting{};       // the key of the configuration that names the database: "history.url"
  std::string_view after_loss{};    // hint for a damaged file
  std::int64_t application_id = 0;  // in the header of a SQLite file
  std::string_view schema{};        // of the tables in PostgreSQL; empty for an owner that uses SQLite only
};

enum class EngineKind { sqlite, postgresql };

// Waiting for another writer is normal: an import of a large run takes seconds.
inline constexpr Seconds usual_patience{60};

class Connection {
 public:
  // Open a database. `url`: "sqlite:///path/to/file" (creates the file and its directory) or
  // "postgresql://user@host/database". `patience`: how long to wait for other writers, now and later. An attempt to
  // open is given up within 5 s. Error: usage, io, busy, invalid (not a database, or of another owner).
  static Result<Connection> open(const std::string& url, const Owner& owner, Seconds patience = usual_patience);
  // Open a SQLite file by its path. Error: io, busy, invalid.
  static Result<Connection> open_file(const std::filesystem::path& path, const Owner& owner,
                                      Seconds patience = usual_patience);
  explicit Connection(std::unique_ptr<Engine> engine);
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  // Return the name for error messages: the path, or the URL without the password.
  const std::string& name() const;
  const Owner& owner() const;
  EngineKind engine() const;
  // Return false if a statement so far has shown that the server ended the connection.
  bool is_connected();

  // Run a statement. Error: busy (held by another process for too long), io, invalid (damaged), internal (wrong SQL).
  Result<void> run(std::string_view sql, std::vector<Value> values = {});
  // Run an INSERT, UPDATE or DELETE and return the number of rows written or deleted. Error: as run().
  Result<std::int64_t> change(std::string_view sql, std::vector<Value> values = {});
  // Write rows and return their number. The columns have the same length, at least one row.
  Result<std::int64_t> run_rows(const RowStatement& statement, std::vector<Values>& columns);
  // Read columns. Also for INSERT … RETURNING.
  Result<void> read(std::string_view sql, std::vector<Value> values, const std::vector<Column>& columns);
  // Return the first column of the only row. Error: as run(), internal if there is no row.
  Result<std::int64_t> read_number(std::string_view sql, std::vector<Value> values = {});

  // Return ids for new rows of a table with a column `id`, ascending. Call it in a transaction. No other process gets
  // the same ids.
  Result<std::vector<std::int64_t>> new_ids(std::string_view table, std::size_t count);

  // Start a transaction that writes. In SQLite writers take turns: this waits for the previous one. In PostgreSQL each
  // statement sees what others have committed by then, and waits for the rows and tables that others have locked.
  // Error: busy, io.
  Result<void> begin();
  Result<void> commit();
  void rollback();

  // Return the version of the schema; 0 in a new database.
  Result<std::int64_t> schema_version();
  Result<void> set_schema_version(std::int64_t version);
  // Lock the schema against changes by other processes for the rest of the transaction; waits for them.
  Result<void> lock_schema();

 private:
  std::unique_ptr<Engine> m_engine;
};

// A transaction that is rolled back at the end of its life unless it was committed.
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

// Rows that are sent in blocks, which makes imports fast.
//   Bulk units = Bulk::insert(connection, "units", {"id", "name"});
//   CHECK_OK(units.add(7, "test/test_a.py::test_b")); … CHECK_OK(units.finish());
class Bulk {
 public:
  static Bulk insert(Connection& connection, std::string table, std::vector<std::string> columns);
  // Insert rows, except those whose value in the column `unique` exists already: written() returns how many were
  // written.
  static Bulk insert_new(Connection& connection, std::string table, std::vector<std::string> columns,
                         std::string unique);
  // Update rows. The last value of each row is the key.
  static Bulk update(Connection& connection, std::string table, std::vector<std::string> columns, std::string key);

  // Add a row: a value for each column, of the same types in every row.
  template <typename... T>
  Result<void> add(const T&... values) {
    std::size_t column = 0;
    (append(column++, values), ...);
    return ++m_rows < rows_a_block ? Result<void>{} : finish();
  }
  // Send the remaining rows; without this call they are lost.
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
