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
// What it stands for, row by row.
using Values = std::variant<std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>>;
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
  // The statement once for each row of the columns, which are of the same length, at least one.
  Result<void> run_each(std::string_view sql, std::vector<Values>& columns);
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

// One statement for many rows, compiled once and sent in blocks: what makes imports fast.
//   Bulk units(database, "INSERT INTO units (id, name) VALUES (?, ?)");
//   CHECK_OK(units.add(7, "test/test_a.py::test_b")); … CHECK_OK(units.finish());
class Bulk {
 public:
  Bulk(Database& database, std::string_view sql) : m_database(database), m_sql(sql) {}

  // A value for each `?`; of the same types in every row.
  template <typename... T>
  Result<void> add(const T&... values) {
    std::size_t column = 0;
    (append(column++, values), ...);
    return ++m_rows < rows_a_block ? Result<void>{} : finish();
  }
  // Sends what is left. Without this call it is lost.
  Result<void> finish();

 private:
  static constexpr int rows_a_block = 1000;

  template <typename T>
  std::vector<T>& column(std::size_t index) {
    if (index == m_columns.size()) m_columns.emplace_back(std::vector<T>{});
    return std::get<std::vector<T>>(m_columns[index]);
  }
  void append(std::size_t index, std::int64_t value) { column<std::int64_t>(index).push_back(value); }
  void append(std::size_t index, double value) { column<double>(index).push_back(value); }
  void append(std::size_t index, std::string_view value) { column<std::string>(index).emplace_back(value); }

  Database& m_database;
  std::string m_sql;
  std::vector<Values> m_columns;
  int m_rows = 0;
};

}  // namespace spyre::history
