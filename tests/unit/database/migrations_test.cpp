// SPDX-License-Identifier: Apache-2.0
// The same migrations on each engine.
#include "agent/database/migrations.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/database/place.hpp"

using namespace spyre;
using namespace spyre::database;

namespace {

const std::vector<Migration> two_versions{
    {{"CREATE TABLE pairs (a INTEGER NOT NULL, b INTEGER NOT NULL, PRIMARY KEY (a, b)) {keyed}"}},
    {{"INSERT INTO pairs VALUES (1, 1)"}, {"INSERT INTO pairs VALUES (2, 3)"}, {"INSERT INTO pairs VALUES (2, 15)"}},
};

}  // namespace

TEST_CASE("a migration has statements for its engine") {
  const Place place;
  Connection connection = place.open();
  REQUIRE(migrate(connection, two_versions));
  CHECK(connection.schema_version() == 2);
  CHECK(connection.read_number("SELECT b FROM pairs WHERE a = 2") == (place.is_sqlite() ? 3 : 15));
  // No migration runs twice.
  REQUIRE(migrate(connection, two_versions));
  CHECK(connection.read_number("SELECT count(*) FROM pairs") == 2);
}

TEST_CASE("a migration that fails leaves the schema as it was") {
  const Place place;
  Connection connection = place.open();
  REQUIRE(migrate(connection, two_versions, 1));
  std::vector<Migration> broken = two_versions;
  broken.push_back({{"CREATE TABLE third (x INTEGER)", "INSERT INTO nowhere VALUES (1)"}});
  CHECK_FALSE(migrate(connection, broken));
  CHECK(connection.schema_version() == 1);
  CHECK(connection.read_number("SELECT count(*) FROM pairs") == 0);
  CHECK_FALSE(connection.run("SELECT * FROM third"));
  CHECK(migrate(connection, two_versions));
}

TEST_CASE("a schema of a newer program is refused, and the error names its owner") {
  const Place place;
  Connection connection = place.open();
  REQUIRE(connection.set_schema_version(3));
  const auto done = migrate(connection, two_versions);
  REQUIRE_FALSE(done);
  CHECK(done.error().kind == ErrorKind::invalid);
  CHECK(done.error().message.starts_with("register "));
  CHECK(done.error().hint.find("test.register") != std::string::npos);
}
