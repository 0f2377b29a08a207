// SPDX-License-Identifier: Apache-2.0
#include "agent/database/pool.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/database/place.hpp"

using namespace spyre;
using namespace spyre::database;

TEST_CASE("a pool lends no more connections than it has") {
  const Place place;
  Pool pool(place.url(), test_owner, 2, Seconds(0.01));
  auto first = pool.borrow();
  REQUIRE(first);
  REQUIRE((*first)->run("CREATE TEMPORARY TABLE mine (x INTEGER)"));
  {
    const auto second = pool.borrow();
    REQUIRE(second);
    const auto third = pool.borrow();
    REQUIRE_FALSE(third);
    CHECK(third.error().kind == ErrorKind::busy);
  }
  { const auto gone = std::move(first); }
  // Returned connections are lent again: one of the two is the first.
  auto again = pool.borrow(), other = pool.borrow();
  REQUIRE(again);
  REQUIRE(other);
  CHECK(((*again)->read_number("SELECT count(*) FROM mine") == 0) !=
        ((*other)->read_number("SELECT count(*) FROM mine") == 0));
}

TEST_CASE("a pool drops a lost connection, and one that cannot be opened takes no slot") {
  Pool pool(PostgresqlServer::get().make_database(), test_owner, 1, Seconds(0.01));
  {
    auto borrowed = pool.borrow();
    REQUIRE(borrowed);
    CHECK_FALSE((*borrowed)->run("SELECT pg_terminate_backend(pg_backend_pid())"));
  }
  CHECK((*pool.borrow())->read_number("SELECT 1") == 1);

  Pool nowhere("postgresql://tester@/x?host=/no/such/directory", test_owner, 1, Seconds(0.01));
  CHECK(nowhere.borrow().error().kind == ErrorKind::io);
  CHECK(nowhere.borrow().error().kind == ErrorKind::io);
}
