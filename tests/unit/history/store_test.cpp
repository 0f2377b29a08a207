// SPDX-License-Identifier: Apache-2.0
#include "agent/history/store.hpp"

#include <limits>

#include "tests/support/catch.hpp"
#include "tests/support/json_schema.hpp"
#include "tests/unit/history/home.hpp"
#include "tests/unit/history/records.hpp"

using namespace spyre;
using namespace spyre::history;
using results::Outcome;

namespace {

const std::string unit = "test/test_a.py::T::test_x";

const CaseDuration* find(const KnownDurations& known, const std::string& id) {
  for (const auto& [name, cases] : known.cases) {
    for (const CaseDuration& each : cases) {
      if (each.id == id) return &each;
    }
  }
  return nullptr;
}

}  // namespace

TEST_CASE("a new history is empty") {
  const Home home;
  const KnownDurations known = home.open().durations().value();
  CHECK(known.tests.empty());
  CHECK(known.imports.empty());
  CHECK(known.cases.empty());
}

TEST_CASE("the second run has the first run's durations") {
  const Home home;
  results::RunRecord run = a_run(1, x_cases(3, 2.0));
  run.batches.push_back(a_batch("test/test_a.py", 4.5));
  CHECK(home.open().import(run) == true);
  const KnownDurations known = home.open().durations().value();
  CHECK(known.tests.at(unit) == 6.0);
  CHECK(known.imports.at("test/test_a.py") == 4.5);
  REQUIRE(known.cases.at(unit).size() == 3);
  CHECK(known.cases.at(unit)[1].id == "test/test_a.py::TCPU::test_x_1");
  CHECK(known.cases.at(unit)[1].seconds == 2.0);
}

TEST_CASE("a run is counted once") {
  const Home home;
  Store store = home.open();
  CHECK(store.import(a_run(1, x_cases(3, 2.0))) == true);
  CHECK(store.import(a_run(1, x_cases(3, 99.0))) == false);
  CHECK(store.durations()->tests.at(unit) == 6.0);
  CHECK(home.count("runs") == 1);
  CHECK(home.count("attempts") == 3);
}

TEST_CASE("an estimate is the median of several runs") {
  const Home home;
  Store store = home.open();
  int day = 0;
  for (const double seconds : {1.0, 30.0, 2.0, 3.0, 1.5}) REQUIRE(store.import(a_run(++day, x_cases(1, seconds))));
  CHECK(store.durations()->tests.at(unit) == 2.0);
}

TEST_CASE("durations are those of the requested kind of card, if there are any") {
  const Home home;
  Store store = home.open();
  results::RunRecord spyre = a_run(1, x_cases(1, 1.0));
  spyre.card_kind = "spyre";
  spyre.batches = {a_batch("test/test_a.py", 3)};
  results::RunRecord cpu = a_run(2, x_cases(2, 8.0));
  cpu.card_kind = "cpu";
  cpu.batches = {a_batch("test/test_a.py", 5)};
  REQUIRE(store.import(spyre));
  REQUIRE(store.import(cpu));
  const auto seconds_on = [&](const std::string& kind) {
    std::vector<double> out;
    const KnownDurations known = store.durations(kind).value();
    for (const CaseDuration& one : known.cases.at("test/test_a.py::T::test_x")) out.push_back(one.seconds);
    out.push_back(known.imports.at("test/test_a.py"));
    return out;
  };
  CHECK(seconds_on("spyre") == std::vector{1.0, 8.0, 3.0});  // the second case never ran there
  CHECK(seconds_on("cpu") == std::vector{8.0, 8.0, 5.0});
  CHECK(seconds_on("") == std::vector{4.5, 8.0, 4.0});
}

TEST_CASE("runs imported in another order give the same estimates") {
  const Home home;
  const TemporaryDirectory directory = TemporaryDirectory::create().value();
  Store store = home.open();
  Store reversed = Store::open("sqlite://" + (directory.path() / "other").string()).value();
  for (int day = 1; day <= 14; ++day) REQUIRE(store.import(a_run(day, x_cases(2, day))));
  for (int day = 14; day >= 1; --day) REQUIRE(reversed.import(a_run(day, x_cases(2, day))));
  CHECK(store.durations()->tests.at(unit) == 2 * 9.5);
  CHECK(reversed.durations()->tests.at(unit) == 2 * 9.5);
}

TEST_CASE("only passes make an estimate; a case that never passed uses its latest attempt") {
  const Home home;
  Store store = home.open();
  REQUIRE(store.import(a_run(1, x_cases(1, 2.0))));
  auto failing = a_case("test/test_a.py::TCPU::test_x_0", unit, 600, Outcome::timed_out);
  REQUIRE(store.import(
      a_run(2, {failing, a_case("test/test_a.py::TCPU::test_y", "test/test_a.py::T::test_y", 5, Outcome::failed)})));
  const KnownDurations known = store.durations().value();
  CHECK(known.tests.at(unit) == 2.0);
  CHECK(known.tests.at("test/test_a.py::T::test_y") == 5.0);
}

TEST_CASE("the attempt that passed counts, not the ones before") {
  const Home home;
  Store store = home.open();
  auto flaky = a_case("test/test_a.py::TCPU::test_x_0", unit, 50, Outcome::failed, "no luck");
  flaky.attempts.push_back(x_cases(1, 3.0)[0].attempts[0]);
  REQUIRE(store.import(a_run(1, {flaky})));
  CHECK(store.durations()->tests.at(unit) == 3.0);
  CHECK(home.count("attempts") == 2);
  CHECK(home.count("runs WHERE flaky = 1") == 1);
  CHECK(home.count("totals") == 1);
  CHECK(home.count("totals WHERE outcome = 0 AND cases = 1") == 1);
}

TEST_CASE("a case that was not run has no duration") {
  const Home home;
  Store store = home.open();
  REQUIRE(store.import(a_run(1, {a_case("test/test_a.py::TCPU::test_x_0", unit, 0, Outcome::not_run, "no card")})));
  CHECK(store.durations()->tests.empty());
  CHECK(home.count("totals WHERE outcome = 8 AND cases = 1") == 1);
}

TEST_CASE("a partial run does not shrink a unit") {
  const Home home;
  Store store = home.open();
  REQUIRE(store.import(a_run(1, x_cases(10, 1.0))));
  REQUIRE(store.import(a_run(2, x_cases(5, 3.0))));
  // Five cases at the median of 1 and 3, five still known from the first run.
  CHECK(store.durations()->tests.at(unit) == 5 * 2.0 + 5 * 1.0);
}

TEST_CASE("gone cases are not counted") {
  const Home home;
  Store store = home.open();
  REQUIRE(store.import(a_run(1, x_cases(10, 1.0))));
  REQUIRE(store.import(a_run(2, x_cases(8, 1.0))));
  CHECK(store.durations()->tests.at(unit) == 8.0);
  CHECK(find(store.durations().value(), "test/test_a.py::TCPU::test_x_9") == nullptr);
}

TEST_CASE("a unit that lost most of its cases is accepted after ten runs") {
  const Home home;
  Store store = home.open();
  REQUIRE(store.import(a_run(1, x_cases(10, 1.0))));
  for (int day = 2; day <= 11; ++day) REQUIRE(store.import(a_run(day, x_cases(2, 1.0))));
  CHECK(store.durations()->tests.at(unit) == 10.0);
  REQUIRE(store.import(a_run(12, x_cases(2, 1.0))));
  CHECK(store.durations()->tests.at(unit) == 2.0);
}

TEST_CASE("an old run that is imported late does not bring back a gone case") {
  const Home home;
  Store store = home.open();
  REQUIRE(store.import(a_run(5, x_cases(8, 1.0))));
  REQUIRE(store.import(a_run(1, x_cases(10, 1.0))));
  CHECK(store.durations()->tests.at(unit) == 8.0);
}

TEST_CASE("a case that moved to another unit is counted there") {
  const Home home;
  Store store = home.open();
  const std::string id = "test/test_a.py::TCPU::test_made";
  REQUIRE(store.import(a_run(1, {a_case(id, "test/test_a.py::T", 2.0)})));
  REQUIRE(store.import(a_run(2, {a_case(id, "test/test_b.py::T::test_made", 2.0)})));
  REQUIRE(store.import(a_run(3, {a_case(id, "test/test_b.py::T::test_made", 2.0)})));
  const KnownDurations known = store.durations().value();
  CHECK(known.tests.count("test/test_a.py::T") == 0);
  CHECK(known.tests.at("test/test_b.py::T::test_made") == 2.0);
}

TEST_CASE("a file that was split into batches has one import time, the median") {
  const Home home;
  Store store = home.open();
  results::RunRecord run = a_run(1, x_cases(1, 1.0));
  for (const double seconds : {3.0, 20.0, 4.0}) run.batches.push_back(a_batch("test/test_a.py", seconds));
  results::BatchRecord broken = a_batch("test/test_b.py", 0);
  broken.collected = false;
  run.batches.push_back(broken);
  REQUIRE(store.import(run));
  CHECK(store.durations()->imports == std::unordered_map<std::string, double>{{"test/test_a.py", 4.0}});
  CHECK(home.count("imports") == 1);
}

TEST_CASE("a case that is listed twice is stored correctly") {
  const Home home;
  Store store = home.open();
  auto cases = x_cases(1, 1.0);
  cases.push_back(cases[0]);
  REQUIRE(store.import(a_run(1, cases)));
  CHECK(home.count("attempts") == 2);
  CHECK(store.durations()->tests.at(unit) == 1.0);
}

TEST_CASE("hostile text is stored as text") {
  const Home home;
  Store store = home.open();
  const std::string id = std::string("test/test_a.py::T'); DROP TABLE runs; --\xff") + '\0' + "?";
  REQUIRE(store.import(a_run(1, {a_case(id, id, 1.0, Outcome::passed, "it's \xc3")})));
  REQUIRE(store.import(a_run(2, {a_case(id, id, 1.0, Outcome::failed, std::string(100'000, '\xe2'))})));
  CHECK(home.count("runs") == 2);
  CHECK(home.count("cases") == 1);
  CHECK(home.count("messages WHERE length(text) < 600") == 2);
  CHECK(store.durations()->tests.size() == 1);
}

TEST_CASE("invalid durations are ignored") {
  const Home home;
  Store store = home.open();
  auto cases = x_cases(3, 1.0);
  cases[0].attempts[0].duration_s = std::numeric_limits<double>::quiet_NaN();
  cases[1].attempts[0].duration_s = -5;
  REQUIRE(store.import(a_run(1, cases)));
  CHECK(store.durations()->tests.at(unit) == 1.0);
}

TEST_CASE("a message is stored once") {
  const Home home;
  Store store = home.open();
  std::vector<results::CaseResult> cases;
  for (int i = 0; i < 250; ++i) {
    cases.push_back(a_case(fmt::format("test/test_a.py::T::test_{}", i), "", 0, Outcome::skipped,
                           fmt::format("reason {}", i % 125)));
  }
  REQUIRE(store.import(a_run(1, cases)));
  REQUIRE(store.import(a_run(2, cases)));
  CHECK(home.count("messages") == 125);
}

TEST_CASE("a record without a start or an id is refused") {
  const Home home;
  Store store = home.open();
  results::RunRecord run = a_run(1, x_cases(1, 1.0));
  run.started = "yesterday";
  CHECK(store.import(run).error().kind == ErrorKind::invalid);
  run = a_run(1, {});
  run.run_id = "";
  CHECK(store.import(run).error().kind == ErrorKind::invalid);
  CHECK(home.count("runs") == 0);
}

TEST_CASE("the history document matches its schema") {
  const Home home;
  Store store = home.open();
  results::RunRecord run = a_run(1, x_cases(2, 1.5));
  run.batches.push_back(a_batch("test/test_a.py", 4.5));
  REQUIRE(store.import(run));
  const nlohmann::json document = to_json(store.durations().value());
  CHECK(schema_violations(document, "history").empty());
  CHECK(document["tests"][unit] == 3.0);
  CHECK(document["cases"][unit]["test/test_a.py::TCPU::test_x_1"] == 1.5);
  CHECK(document["imports"]["test/test_a.py"] == 4.5);
}
