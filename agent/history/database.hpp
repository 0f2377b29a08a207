// SPDX-License-Identifier: Apache-2.0
// A small door to an SQL database: statements with bound values, columns read as vectors, transactions. The same SQL
// goes to every engine; what differs between them is in engine.hpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"

namespace spyre::history {

// What a `?` in a statement stands for.
using Value = std::variant<std::int64_t, double, std::string>;
// A column of many rows to write.
using Values = std::variant<std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>>;
// Where a column of the answer goes: one element a row. There is no NULL in a history.
using Column = std::variant<std::vector<std::int64_t>*, std::vector<double>*, std::vector<std::string>*>;

// A statement for many rows: INSERT of all columns, or UPDATE of all but the last one, which is the key.
struct RowStatement {
  enum class Kind { insert, update } kind = Kind::insert;
  std::string table;
  std::vector<std::string> columns;
};

class Engine;

// Whose a SQLite file is, so that nobody writes into another's.
struct Owner {
  std::string_view noun;            // in errors: "history"
  std::string_view setting;         // the key of the configuration that names another file
  std::int64_t application_id = 0;  // in the header of the file
};
inline constexpr Owner history_owner{"history", "history.url", 0x53505952};  // "SPYR"

// Waiting for another writer is normal: an import of a large run takes seconds.
inline constexpr Seconds usual_patience{60};

class Database {
 public:
  // `url`: "sqlite:///path/to/file" (makes the file and its folder) or "postgresql://user@host/database".
  // `patience`: how long to wait for other writers, now and later. What cannot be opened is given up within 5 s.
  // Error: usage, io, busy, invalid (not a database, or not a history).
  static Result<Database> open(const std::string& url, Seconds patience = usual_patience);
  // A SQLite file of another owner than the history. Error: io, busy, invalid (not a database, or somebody else's).
  static Result<Database> open_file(const std::filesystem::path& path, const Owner& owner,
                                    Seconds patience = usual_patience);
  explicit Database(std::unique_ptr<Engine> engine);
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  // How people call it, in errors: the path, or the URL without the password.
  const std::string& name() const;

  // Error: busy (held by another process for too long), io, invalid (damaged), internal (wrong SQL).
  Result<void> run(std::string_view sql, std::vector<Value> values = {});
  // The columns are of the same length, at least one.
  Result<void> run_rows(const RowStatement& statement, std::vector<Values>& columns);
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
  std::unique_ptr<Engine> m_engine;
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
  Result<void> commit() {
    auto done = m_database->commit();
    if (done) m_database = nullptr;
    return done;
  }

 private:
  explicit Transaction(Database& database) : m_database(&database) {}
  Database* m_database;
};

// Many rows, sent in blocks: what makes imports fast.
//   Bulk units = Bulk::insert(database, "units", {"id", "name"});
//   CHECK_OK(units.add(7, "test/test_a.py::test_b")); … CHECK_OK(units.finish());
class Bulk {
 public:
  static Bulk insert(Database& database, std::string table, std::vector<std::string> columns);
  // The last value of each row is the key.
  static Bulk update(Database& database, std::string table, std::vector<std::string> columns, std::string key);

  // A value for each column; of the same types in every row.
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

  Bulk(Database& database, RowStatement statement) : m_database(database), m_statement(std::move(statement)) {}

  template <typename T>
  std::vector<T>& column(std::size_t index) {
    if (index == m_columns.size()) m_columns.emplace_back(std::vector<T>{});
    return std::get<std::vector<T>>(m_columns[index]);
  }
  void append(std::size_t index, std::int64_t value) { column<std::int64_t>(index).push_back(value); }
  void append(std::size_t index, double value) { column<double>(index).push_back(value); }
  void append(std::size_t index, std::string_view value) { column<std::string>(index).emplace_back(value); }

  Database& m_database;
  RowStatement m_statement;
  std::vector<Values> m_columns;
  int m_rows = 0;
};

}  // namespace spyre::history
