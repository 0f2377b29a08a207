// SPDX-License-Identifier: Apache-2.0
// A small door to an SQL database: statements with bound values, columns read as vectors, transactions.
// Nothing outside database.cpp knows which library is behind it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "agent/core/result.hpp"

namespace spyre::history {

// What a `?` in a statement stands for.
using Value = std::variant<std::int64_t, double, std::string>;
// Where a column of the answer goes: one element a row. NULL is refused by none of them: use COALESCE.
using Column = std::variant<std::vector<std::int64_t>*, std::vector<double>*, std::vector<std::string>*>;

class Database {
 public:
  // `url`: "sqlite:///path/to/file". Makes the file and its folder. Error: usage, io, invalid (not a database).
  static Result<Database> open(const std::string& url);
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  // How people call it, in errors: the path.
  const std::string& name() const;

  // Error: busy (held by another process for too long), io, invalid (damaged), internal (wrong SQL).
  Result<void> run(std::string_view sql, std::vector<Value> values = {});
  Result<void> read(std::string_view sql, std::vector<Value> values, const std::vector<Column>& columns);
  // The first column of the only row. Error: as above, internal when there is no row.
  Result<std::int64_t> read_number(std::string_view sql, std::vector<Value> values = {});

  // Starts a transaction that writes. Writers take turns: this waits for the one before. Error: busy, io.
  Result<void> begin();
  Result<void> commit();
  void rollback();

  // The version of the schema; 0 in a new database.
  Result<std::int64_t> schema_version();
  Result<void> set_schema_version(std::int64_t version);
  // Put after a CREATE TABLE whose rows are looked up by a primary key of several columns.
  std::string_view keyed_table_suffix() const;

 private:
  class Impl;
  explicit Database(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> m_impl;
};

// Rolls back at the end of its life unless committed.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept : m_database(std::exchange(other.m_database, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction() {
    if (m_database != nullptr) m_database->rollback();
  }
  Result<void> commit() { return std::exchange(m_database, nullptr)->commit(); }

 private:
  explicit Transaction(Database& database) : m_database(&database) {}
  Database* m_database;
};

// Many rows a statement, "<head> VALUES (…),(…) <tail>": what makes imports fast. Numbers are written into the
// statement, texts are bound.
//   BulkRows units(database, "INSERT INTO units (id, name)");
//   CHECK_OK(units.add(7, "test/test_a.py::test_b")); … CHECK_OK(units.finish());
class BulkRows {
 public:
  BulkRows(Database& database, std::string_view head, std::string_view tail = {})
      : m_database(database), m_head(head), m_tail(tail) {}

  template <typename... T>
  Result<void> add(const T&... values) {
    m_rows += m_row_count == 0 ? " VALUES (" : ",(";
    (append(values), ...);
    m_rows.back() = ')';
    return ++m_row_count < rows_a_statement ? Result<void>{} : finish();
  }
  // Sends what is left. Without this call it is lost.
  Result<void> finish();

 private:
  static constexpr int rows_a_statement = 100;

  void append(std::int64_t value);
  void append(double value);
  void append(std::string_view value);

  Database& m_database;
  std::string m_head, m_tail, m_rows;
  std::vector<Value> m_texts;
  int m_row_count = 0;
};

}  // namespace spyre::history
