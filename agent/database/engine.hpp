// SPDX-License-Identifier: Apache-2.0
// What differs between database engines. For this directory only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"
#include "agent/database/connection.hpp"

namespace Poco {
class Exception;
namespace Data {
class Session;
}
}  // namespace Poco

namespace spyre::database {

// One connection.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual const std::string& name() const = 0;
  virtual const Owner& owner() const = 0;
  virtual EngineKind kind() const = 0;
  virtual Poco::Data::Session& session() = 0;
  // Return the error that an exception of the library means.
  virtual Error explain(const Poco::Exception& error) = 0;
  // Return the statement with the engine's own placeholders instead of `?`.
  virtual std::string translated(std::string_view sql) const = 0;
  // Write rows and return their number. May throw the library's exceptions.
  virtual std::size_t run_rows(const RowStatement& statement, std::vector<Values>& columns) = 0;
  virtual Result<std::vector<std::int64_t>> new_ids(Connection& connection, std::string_view table,
                                                    std::size_t count) = 0;
  virtual Result<void> begin(Connection& connection) = 0;
  virtual Result<void> commit(Connection& connection) = 0;
  virtual Result<void> rollback(Connection& connection) = 0;
  virtual Result<std::int64_t> schema_version(Connection& connection) = 0;
  virtual Result<void> set_schema_version(Connection& connection, std::int64_t version) = 0;
  virtual Result<void> lock_schema(Connection& connection) = 0;
};

// How long the library retries a connection, whatever the reason of the failure.
inline constexpr std::size_t connect_seconds = 5;

// Return the clause with which an INSERT leaves out rows that exist already.
std::string conflict_clause(const RowStatement& statement);

// Open a database of one engine. Error: usage if the URL is not one of its URLs, and as Connection::open.
Result<Connection> open_sqlite(const std::string& url, const Owner& owner, Seconds patience);
Result<Connection> open_postgresql(const std::string& url, const Owner& owner, Seconds patience);

}  // namespace spyre::database
