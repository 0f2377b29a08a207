// SPDX-License-Identifier: Apache-2.0
// A new database, on each engine in turn.
#pragma once

#include <string>

#include "agent/core/files.hpp"
#include "agent/database/connection.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/database/postgresql_server.hpp"

namespace spyre::database {

inline constexpr Owner test_owner{.noun = "register",
                                  .setting = "test.register",
                                  .after_loss = "make another one",
                                  .application_id = 0x54455354,
                                  .schema = "spyre_test"};

// Has a section for each engine: the test runs twice.
class Place {
 public:
  Place() : m_directory(TemporaryDirectory::create().value()) {
    m_is_sqlite = GENERATE(true, false);
    m_url = m_is_sqlite ? "sqlite://" + (m_directory.path() / "state" / "test.sqlite").string()
                        : PostgresqlServer::get().make_database();
    UNSCOPED_INFO("database " << m_url);
  }
  const std::string& url() const { return m_url; }
  bool is_sqlite() const { return m_is_sqlite; }
  Connection open(Seconds patience = usual_patience) const {
    return Connection::open(m_url, test_owner, patience).value();
  }

 private:
  TemporaryDirectory m_directory;
  bool m_is_sqlite = true;
  std::string m_url;
};

// A connection to a database with a table of items.
inline Connection with_items(const Place& place) {
  Connection connection = place.open();
  REQUIRE(connection.run(std::string("CREATE TABLE items (id INTEGER PRIMARY KEY ") +
                         (place.is_sqlite() ? "" : "GENERATED ALWAYS AS IDENTITY") +
                         ", name TEXT NOT NULL UNIQUE, size BIGINT, weight DOUBLE PRECISION, note TEXT)"));
  return connection;
}

}  // namespace spyre::database
