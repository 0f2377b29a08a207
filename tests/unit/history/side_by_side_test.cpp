// SPDX-License-Identifier: Apache-2.0
// Imports into a PostgreSQL history at the same time.
#include <sys/wait.h>
#include <unistd.h>

#include "agent/core/utc.hpp"
#include "agent/history/schema.hpp"
#include "agent/history/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/history/home.hpp"
#include "tests/unit/history/records.hpp"

using namespace spyre;
using namespace spyre::history;

namespace {

constexpr Seconds short_patience{0.05};

struct Server {
  std::string url = database::PostgresqlServer::get().make_database();
  database::Connection connect() const { return database::Connection::open(url, owner).value(); }
};

// With a message, every other case is skipped for that reason.
std::vector<results::CaseResult> cases_of(const std::string& file, int count, const std::string& message = {}) {
  std::vector<results::CaseResult> cases;
  for (int i = 0; i < count; ++i) {
    const bool skipped = !message.empty() && i % 2 == 1;
    cases.push_back(a_case(fmt::format("test/{}.py::TCPU::test_{}", file, i), fmt::format("test/{}.py::T::test", file),
                           1.0, skipped ? results::Outcome::skipped : results::Outcome::passed,
                           skipped ? fmt::format("{} {}", message, i) : ""));
  }
  return cases;
}

}  // namespace

TEST_CASE("an import waits only for imports with a common file or run") {
  const Server server;
  Store store = Store::open(server.url, short_patience).value();
  REQUIRE(store.import(a_run(1, cases_of("test_a", 3))));
  REQUIRE(store.import(a_run(2, cases_of("test_b", 3))));

  // As another import would, in the middle of its work.
  database::Connection other = server.connect();
  const database::Transaction transaction = database::Transaction::begin(other).value();
  std::vector<std::int64_t> locked;
  REQUIRE(other.run("LOCK TABLE runs, files, cases, messages IN ROW EXCLUSIVE MODE"));
  REQUIRE(
      other.run("INSERT INTO runs (run_id, revision, stage, started, wall_s, finished, exit_code, tests, flaky)"
                " VALUES ('going on', '', '1', 0, 1, 1, 0, 1, 0)"));
  REQUIRE(other.read("SELECT id FROM files WHERE path = 'test/test_a.py' FOR UPDATE", {}, {&locked}));
  REQUIRE(locked.size() == 1);

  CHECK(store.import(a_run(3, cases_of("test_b", 5, "skipped"))) == true);
  CHECK(store.import(a_run(4, cases_of("test_new", 5))) == true);
  const auto same_file = store.import(a_run(5, cases_of("test_a", 3)));
  REQUIRE_FALSE(same_file);
  CHECK(same_file.error().kind == ErrorKind::busy);
  const auto same_run = store.import(a_run(6, cases_of("test_b", 3), "going on"));
  REQUIRE_FALSE(same_run);
  CHECK(same_run.error().kind == ErrorKind::busy);
}

TEST_CASE("imports do not wait for the lock of schema changes") {
  const Server server;
  Store store = Store::open(server.url, short_patience).value();
  database::Connection other = server.connect();
  const database::Transaction transaction = database::Transaction::begin(other).value();
  REQUIRE(other.lock_schema());
  CHECK(store.import(a_run(1, cases_of("test_a", 3))) == true);
  CHECK(Store::open(server.url, short_patience));
}

TEST_CASE("an import that waits too long for a table fails as busy") {
  const Server server;
  Store store = Store::open(server.url, short_patience).value();
  database::Connection other = server.connect();
  const database::Transaction transaction = database::Transaction::begin(other).value();
  REQUIRE(other.run("LOCK TABLE cases IN ACCESS EXCLUSIVE MODE"));
  CHECK(store.import(a_run(1, cases_of("test_a", 3))).error().kind == ErrorKind::busy);
}

TEST_CASE("concurrent imports of the same files and prunes lose no data") {
  const Server server;
  REQUIRE(Store::open(server.url));
  constexpr int processes = 4, runs = 6, cases = 40;
  std::vector<pid_t> children;
  for (int process = 0; process < processes; ++process) {
    const pid_t child = ::fork();
    if (child == 0) {
      auto store = Store::open(server.url);
      if (!store) ::_exit(2);
      for (int i = 0; i < runs; ++i) {
        // Two files each, in any order; the messages are new to all at once.
        auto record = a_run(10 + i, cases_of(fmt::format("test_{}", (process + i) % 3), cases, fmt::format("m{}", i)),
                            fmt::format("run-{}-{}", process, i));
        auto more = cases_of(fmt::format("test_{}", (process + i + 1) % 3), cases, fmt::format("m{}", 5 - i));
        record.cases.insert(record.cases.end(), more.begin(), more.end());
        const auto added = store->import(record);
        if (!added || !*added) ::_exit(3);
        if (i % 2 == 1 && !store->prune(*parse_utc("2026-01-12T00:00:00Z"))) ::_exit(4);
      }
      ::_exit(0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  database::Connection connection = server.connect();
  CHECK(connection.read_number("SELECT count(*) FROM runs") == processes * runs);
  CHECK(connection.read_number("SELECT count(*) FROM cases") == 3 * cases);
  CHECK(connection.read_number("SELECT count(*) FROM attempts a LEFT JOIN messages m ON m.id = a.message_id"
                               " WHERE a.message_id <> 0 AND m.id IS NULL") == 0);
  // Every case ran more than ten times, and ten durations are kept: none was overwritten by a neighbour.
  CHECK(connection.read_number("SELECT count(*) FROM cases WHERE length(recent) - length(replace(recent, ':', '')) ="
                               " 10") == 3 * cases / 2);
  Store store = Store::open(server.url).value();
  REQUIRE(store.prune(*parse_utc("2026-02-01T00:00:00Z")));
  CHECK(connection.read_number("SELECT count(*) FROM runs WHERE kept = 1") == 0);
  CHECK(connection.read_number("SELECT count(*) FROM messages") == 0);
}
