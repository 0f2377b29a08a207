// SPDX-License-Identifier: Apache-2.0
// Failures that only a server can cause.
#include "agent/history/schema.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/history/home.hpp"
#include "tests/unit/history/records.hpp"

using namespace spyre;
using namespace spyre::history;

TEST_CASE("a missing server is reported without the password") {
  const auto store = Store::open("postgresql://tester:secret@/nowhere?host=/no/such/directory");
  REQUIRE_FALSE(store);
  CHECK(store.error().kind == ErrorKind::io);
  CHECK(store.error().message.find("secret") == std::string::npos);
  CHECK_FALSE(store.error().hint.empty());
}

TEST_CASE("a missing database is reported") {
  const auto store = Store::open(database::PostgresqlServer::get().url("no_such_database"));
  REQUIRE_FALSE(store);
  CHECK(store.error().kind == ErrorKind::io);
  CHECK(store.error().message.find("no_such_database") != std::string::npos);
}

TEST_CASE("an invalid server URL is refused") {
  for (const char* url : {"postgresql://user:a%20b@host/db", "postgresql://[::1/db", "postgresql://host:99999999/db"}) {
    CAPTURE(url);
    const auto store = Store::open(url);
    REQUIRE_FALSE(store);
    CHECK(store.error().kind == ErrorKind::usage);
  }
}

TEST_CASE("a newer schema on a server is refused") {
  const std::string url = database::PostgresqlServer::get().make_database();
  REQUIRE(Store::open(url));
  REQUIRE(database::Connection::open(url, owner)->set_schema_version(newest_schema_version() + 1));
  CHECK(Store::open(url).error().kind == ErrorKind::invalid);
}

TEST_CASE("tables of another program in the same database are unchanged") {
  const std::string url = database::PostgresqlServer::get().make_database();
  REQUIRE(database::Connection::open(url, owner)->run("CREATE TABLE public.runs (mine INTEGER)"));
  Store store = Store::open(url).value();
  CHECK(store.import(a_run(1, x_cases(1, 1.0))) == true);
  CHECK(database::Connection::open(url, owner)->read_number("SELECT count(*) FROM public.runs") == 0);
}

TEST_CASE("text with a special meaning for PostgreSQL is stored unchanged") {
  const std::string url = database::PostgresqlServer::get().make_database();
  Store store = Store::open(url).value();
  const std::string id = "test/test_a.py::T::test[{\"a\\b\",'c'},NULL,$1,?]";
  REQUIRE(store.import(a_run(1, {a_case(id, id, 1.0), a_case("test/test_a.py::NULL", "test/test_a.py::NULL", 2.0)})));
  const KnownDurations known = store.durations().value();
  CHECK(known.tests.at(id) == 1.0);
  CHECK(known.tests.at("test/test_a.py::NULL") == 2.0);
}
