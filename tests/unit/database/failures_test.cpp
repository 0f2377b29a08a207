// SPDX-License-Identifier: Apache-2.0
// The meaning of an error does not depend on the language of the server.
#include "agent/database/failures.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/database/place.hpp"

using namespace spyre;
using namespace spyre::database;

TEST_CASE("an SQLSTATE is found where the library puts it") {
  CHECK(sqlstate_in("FEHLER:  … Severity: FEHLER State: 55P03 Detail:  Hint: N/A Constraint: N/A") == "55P03");
  CHECK(sqlstate_in("ERROR: \"my State: 40001\" is wrong Severity: ERROR State: 42P01 Detail: x State: 55P03") ==
        "42P01");
  for (const char* text : {"", "State: 55P03", " State: ", " State: 55p03 Detail: ", " State: 55P0", "syntax error"}) {
    CAPTURE(text);
    CHECK(sqlstate_in(text).empty());
  }
}

TEST_CASE("an SQLSTATE decides about the kind of error") {
  for (const char* state : {"55P03", "40001", "40P01"}) CHECK(meaning_of_sqlstate(state).kind == ErrorKind::busy);
  for (const char* state : {"08006", "57P01", "57P02"}) CHECK(meaning_of_sqlstate(state).hint == connection_lost.hint);
  for (const char* state : {"28P01", "28000", "3D000"}) {
    CHECK(meaning_of_sqlstate(state).kind == ErrorKind::io);
    CHECK(meaning_of_sqlstate(state).hint.find("may connect") != std::string_view::npos);
  }
  for (const char* state : {"23505", "42601", "42P01"}) CHECK(meaning_of_sqlstate(state).kind == ErrorKind::internal);
  CHECK(meaning_of_sqlstate("42501").kind == ErrorKind::io);
  CHECK(meaning_of_sqlstate("53100").kind == ErrorKind::io);
  CHECK(meaning_of_sqlstate("XX001").kind == ErrorKind::invalid);
  CHECK(meaning_of_sqlstate("").kind == ErrorKind::io);
  CHECK_FALSE(meaning_of_sqlstate("58030").hint.empty());
}

TEST_CASE("errors of a server that speaks German are understood") {
  PostgresqlServer& server = PostgresqlServer::german();
  const std::string url = server.make_database();
  Connection first = Connection::open(url, test_owner, Seconds(0.05)).value();
  Connection second = Connection::open(url, test_owner, Seconds(0.05)).value();
  REQUIRE(first.run("CREATE TABLE items (id INTEGER PRIMARY KEY)"));

  SECTION("a lock that is held for too long") {
    const Transaction transaction = Transaction::begin(first).value();
    REQUIRE(first.run("INSERT INTO items VALUES (1)"));
    for (const char* statement : {"INSERT INTO items VALUES (1)", "LOCK TABLE items"}) {
      CAPTURE(statement);
      const Transaction other = Transaction::begin(second).value();
      const auto done = second.run(statement);
      REQUIRE_FALSE(done);
      CHECK(done.error().kind == ErrorKind::busy);
      CHECK(done.error().message.find("wegen Zeitüberschreitung einer Sperre") != std::string::npos);
      CHECK(done.error().hint.find("try again") != std::string::npos);
    }
  }
  SECTION("a schema that another process changes") {
    const Transaction transaction = Transaction::begin(first).value();
    REQUIRE(first.lock_schema());
    const Transaction other = Transaction::begin(second).value();
    CHECK(second.lock_schema().error().kind == ErrorKind::busy);
  }
  SECTION("a value that exists already") {
    REQUIRE(first.run("INSERT INTO items VALUES (1)"));
    const auto done = second.run("INSERT INTO items VALUES (1)");
    REQUIRE_FALSE(done);
    CHECK(done.error().kind == ErrorKind::internal);
    CHECK(done.error().message.find("doppelter Schlüsselwert") != std::string::npos);
  }
  SECTION("a transaction to be repeated") {
    const auto done = first.run("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$");
    REQUIRE_FALSE(done);
    CHECK(done.error().kind == ErrorKind::busy);
  }
  SECTION("a connection that was lost") {
    const std::int64_t id = first.read_number("SELECT pg_backend_pid()").value();
    REQUIRE(second.run("SELECT pg_terminate_backend(?::integer)", {id}));
    for (int i = 0; i < 2; ++i) {
      const auto done = first.run("INSERT INTO items VALUES (1)");
      REQUIRE_FALSE(done);
      CHECK(done.error().kind == ErrorKind::io);
      CHECK(done.error().hint == connection_lost.hint);
      CHECK_FALSE(first.is_connected());
    }
    CHECK(Transaction::begin(first).error().hint == connection_lost.hint);
  }
  SECTION("a missing database and a missing role") {
    for (const std::string& wrong : {server.url("nowhere"), "postgresql://stranger" + url.substr(url.find('@'))}) {
      const auto opened = Connection::open(wrong, test_owner);
      REQUIRE_FALSE(opened);
      CHECK(opened.error().kind == ErrorKind::io);
      CHECK(opened.error().message.find("existiert nicht") != std::string::npos);
      CHECK(opened.error().hint.find("may connect") != std::string::npos);
    }
  }
}
