// SPDX-License-Identifier: Apache-2.0
// Several processes at once, and processes that end in the middle.
#include <algorithm>
#include <csignal>
#include <functional>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/history/schema.hpp"
#include "agent/history/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/history/home.hpp"
#include "tests/unit/history/records.hpp"

using namespace spyre;
using namespace spyre::history;

namespace {

std::string integrity(const Home& home) {
  if (!home.is_sqlite()) return "ok";
  std::vector<std::string> lines;
  REQUIRE(home.database().read("PRAGMA integrity_check", {}, {&lines}));
  return lines.at(0);
}

// A process that ends with what `body` returns.
pid_t start(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  return child;
}

int wait_for(pid_t child) {
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

// The number of rows of each table: "attempts 10".
std::vector<std::string> row_counts(const std::string& url) {
  auto connection = database::Connection::open(url, owner).value();
  std::vector<std::string> tables;
  REQUIRE(connection.read("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name", {}, {&tables}));
  for (std::string& table : tables) {
    table += " " + std::to_string(connection.read_number("SELECT count(*) FROM " + table).value());
  }
  return tables;
}

}  // namespace

TEST_CASE("two processes that import at the same time both succeed") {
  const Home home;
  constexpr int runs = 8;
  const auto importer = [&](const char* name) {
    return start([&home, name] {
      auto store = Store::open(home.url());
      if (!store) return 2;
      for (int i = 1; i <= runs; ++i) {
        if (!store->import(a_run(i, x_cases(50, 1.0, i * 10), fmt::format("{}-{}", name, i)))) return 3;
      }
      return 0;
    });
  };
  const pid_t first = importer("first"), second = importer("second");
  CHECK(wait_for(first) == 0);
  CHECK(wait_for(second) == 0);
  CHECK(home.count("runs") == 2 * runs);
  CHECK(home.count("attempts") == 2 * runs * 50);
  CHECK(home.count("cases") == 50 + 10 * (runs - 1));
  CHECK(integrity(home) == "ok");
}

TEST_CASE("many processes that create the same history at the same time create one") {
  const Home home;
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) children.push_back(start([&] { return Store::open(home.url()) ? 0 : 1; }));
  for (const pid_t child : children) CHECK(wait_for(child) == 0);
  CHECK(home.database().schema_version() == newest_schema_version());
}

TEST_CASE("two processes that import the same run count it once") {
  const Home home;
  REQUIRE(Store::open(home.url()));
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    children.push_back(start([&] {
      auto store = Store::open(home.url());
      if (!store) return 9;
      const auto added = store->import(a_run(1, x_cases(300, 1.0)));
      return added ? (*added ? 1 : 0) : 9;
    }));
  }
  int added = 0;
  for (const pid_t child : children) added += WEXITSTATUS(wait_for(child));
  CHECK(added == 1);
  CHECK(home.count("attempts") == 300);
}

TEST_CASE("a killed process leaves only complete runs") {
  const Home home;
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  const pid_t child = start([&] {
    auto store = Store::open(home.url());
    if (!store) return 1;
    for (int i = 1;; ++i) {
      if (!store->import(a_run(1 + i % 28, x_cases(400, 1.0), fmt::format("run-{}", i)))) return 1;
      if (::write(pipe[1], "x", 1) != 1) return 1;
    }
  });
  ::close(pipe[1]);
  std::array<char, 3> told{};
  for (char& byte : told) REQUIRE(::read(pipe[0], &byte, 1) == 1);
  ::kill(child, SIGKILL);
  CHECK(WTERMSIG(wait_for(child)) == SIGKILL);
  ::close(pipe[0]);

  CHECK(integrity(home) == "ok");
  const std::int64_t runs = home.count("runs");
  CHECK(runs >= 3);
  CHECK(home.count("attempts") == runs * 400);
  // Later imports work.
  CHECK(Store::open(home.url())->import(a_run(1, x_cases(400, 1.0), "after")) == true);
}

TEST_CASE("a full disk is reported, and only the import is lost") {
  const TemporaryDirectory directory = TemporaryDirectory::create().value();
  const std::string url = "sqlite://" + (directory.path() / "history.sqlite").string();
  REQUIRE(Store::open(url)->import(a_run(1, x_cases(10, 1.0))));
  const std::vector<std::string> before = row_counts(url);
  REQUIRE(std::ranges::count(before, "attempts 10") == 1);
  const pid_t child = start([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{256 * 1024, 256 * 1024};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 2;
    auto store = Store::open(url);
    if (!store) return 3;
    const auto added = store->import(a_run(2, x_cases(20'000, 1.0)));
    if (added) return 4;
    if (added.error().kind != ErrorKind::io || added.error().hint.empty()) return 5;
    // Reading still works.
    return store->durations() ? 0 : 6;
  });
  CHECK(wait_for(child) == 0);
  std::vector<std::string> lines;
  REQUIRE(database::Connection::open(url, owner)->read("PRAGMA integrity_check", {}, {&lines}));
  CHECK(lines == std::vector<std::string>{"ok"});
  CHECK(row_counts(url) == before);
  CHECK(Store::open(url)->import(a_run(2, x_cases(20'000, 1.0))) == true);
}
