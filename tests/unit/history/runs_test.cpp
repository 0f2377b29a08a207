// SPDX-License-Identifier: Apache-2.0
// Runs, the history of a test, retention.
#include "agent/history/runs.hpp"

#include "agent/core/utc.hpp"
#include "agent/history/schema.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/json_schema.hpp"
#include "tests/unit/history/home.hpp"
#include "tests/unit/history/records.hpp"

using namespace spyre;
using namespace spyre::history;
using results::Outcome;

namespace {

const std::string x_0 = "test/test_a.py::TCPU::test_x_0", x_unit = "test/test_a.py::T::test_x";

}  // namespace

TEST_CASE("runs are listed with their totals, newest first") {
  const Home home;
  Store store = home.open();
  auto cases = x_cases(3, 1.0);
  cases.push_back(a_case("test/test_a.py::TCPU::test_y", "", 1.0, Outcome::crashed, "SIGSEGV"));
  results::RunRecord run = a_run(2, cases);
  run.stage = "2";
  run.tests = 7;
  run.card_kind = "spyre";
  run.stack_key = "torch=2.6.0 torch_spyre=1.2";
  REQUIRE(store.import(run));
  REQUIRE(store.import(a_run(1, x_cases(1, 1.0))));
  const std::vector<RunInfo> runs = store.runs({}).value();
  REQUIRE(runs.size() == 2);
  CHECK(runs[0].run_id == "run-2");
  CHECK(runs[0].stage == "2");
  CHECK(runs[0].stack_key == "torch=2.6.0 torch_spyre=1.2");
  CHECK(runs[0].card_kind == "spyre");
  CHECK(format_utc_ms(runs[0].started) == "2026-01-02T02:00:00.000Z");
  CHECK(runs[0].wall_s == 60);
  CHECK(runs[0].finished);
  CHECK(runs[0].exit_code == 1);
  CHECK(runs[0].tests == 7);
  CHECK(runs[0].cases() == 4);
  CHECK(runs[0].failures() == 1);
  CHECK(runs[0].count(Outcome::passed) == 3);
  CHECK(runs[0].count(Outcome::crashed) == 1);
  CHECK(runs[1].run_id == "run-1");
}

TEST_CASE("runs are chosen by stage, kind of card, time and number") {
  const Home home;
  Store store = home.open();
  for (int day = 1; day <= 6; ++day) {
    results::RunRecord run = a_run(day, x_cases(1, 1.0));
    run.stage = day % 2 == 0 ? "2" : "1";
    run.card_kind = day < 4 ? "cpu" : "spyre";
    REQUIRE(store.import(run));
  }
  const auto ids = [&](const RunFilter& filter) {
    std::string out;
    const std::vector<RunInfo> runs = store.runs(filter).value();
    for (const RunInfo& run : runs) out += run.run_id.substr(4);
    return out;
  };
  CHECK(ids({}) == "654321");
  CHECK(ids({.stage = "1"}) == "531");
  CHECK(ids({.card_kind = "spyre"}) == "654");
  CHECK(ids({.stage = "2", .card_kind = "cpu"}) == "2");
  CHECK(ids({.since = *parse_utc("2026-01-04T00:00:00Z")}) == "654");
  CHECK(ids({.latest = 2}) == "65");
}

TEST_CASE("run outcomes are those of the last attempts") {
  const Home home;
  Store store = home.open();
  auto cases = x_cases(1, 1.0);
  cases[0].attempts.insert(cases[0].attempts.begin(), a_case("", "", 0, Outcome::failed).attempts[0]);
  REQUIRE(store.import(a_run(1, cases)));
  const auto outcomes = store.outcomes("run-1").value();
  CHECK(outcomes == std::unordered_map<std::string, Outcome>{{x_0, Outcome::passed}});
  CHECK(store.outcomes("run-7").error().kind == ErrorKind::not_found);
}

TEST_CASE("the history of a test") {
  const Home home;
  Store store = home.open();
  REQUIRE(store.import(a_run(1, x_cases(2, 1.0))));
  auto cases = x_cases(2, 3.0);
  cases[0].attempts.insert(cases[0].attempts.begin(), a_case("", "", 9, Outcome::failed, "no luck").attempts[0]);
  REQUIRE(store.import(a_run(2, cases)));
  const std::vector<CaseHistory> one = store.show(x_0).value();
  REQUIRE(one.size() == 1);
  CHECK(one[0].unit == x_unit);
  CHECK(one[0].estimate_s == 2.0);
  REQUIRE(one[0].runs.size() == 2);
  CHECK(one[0].runs[0].run_id == "run-2");
  CHECK(one[0].runs[0].outcome == Outcome::passed);
  CHECK(one[0].runs[0].attempts == 2);
  CHECK(one[0].runs[0].seconds == 3.0);
  CHECK(one[0].runs[0].message == "no luck");
  CHECK(one[0].runs[1].attempts == 1);
  CHECK(store.show(x_unit)->size() == 2);
  CHECK(store.show(x_unit, 1, 1)->at(0).runs.size() == 1);
  CHECK(schema_violations(to_json(store.show(x_unit).value()), "test-history").empty());
}

TEST_CASE("an unknown test gets suggestions of similar names") {
  const Home home;
  Store store = home.open();
  REQUIRE(store.import(a_run(1, x_cases(1, 1.0))));
  const auto shown = store.show("test/test_b.py::T::test_x");
  REQUIRE_FALSE(shown);
  CHECK(shown.error().kind == ErrorKind::not_found);
  CHECK(shown.error().hint.find(x_unit) != std::string::npos);
}

TEST_CASE("old results are deleted; runs, totals, estimates and a row per month are kept") {
  const Home home;
  Store store = home.open();
  for (int day = 1; day <= 5; ++day) {
    auto cases = x_cases(2, day, 0);
    if (day == 2)
      cases[0].attempts.insert(cases[0].attempts.begin(), a_case("", "", 9, Outcome::failed, "old").attempts[0]);
    if (day == 3) cases[0].attempts[0].outcome = Outcome::failed;
    REQUIRE(store.import(a_run(day, cases)));
  }
  const double before = store.durations()->tests.at(x_unit);
  const Pruned pruned = store.prune(*parse_utc("2026-01-05T00:00:00Z")).value();
  CHECK(pruned.runs == 4);
  CHECK(pruned.attempts == 9);
  CHECK(home.count("attempts") == 2);
  CHECK(home.count("messages") == 0);
  CHECK(store.durations()->tests.at(x_unit) == before);
  const std::vector<RunInfo> runs = store.runs({}).value();
  REQUIRE(runs.size() == 5);
  CHECK(runs[0].kept);
  CHECK_FALSE(runs[1].kept);
  CHECK(runs[4].count(Outcome::passed) == 2);
  const CaseHistory shown = store.show(x_0)->at(0);
  CHECK(shown.runs.size() == 1);
  REQUIRE(shown.months.size() == 1);
  CHECK(shown.months[0].month == 202601);
  CHECK(shown.months[0].runs == 4);
  CHECK(shown.months[0].passed == 3);
  CHECK(shown.months[0].failed == 1);
  CHECK(shown.months[0].flaky == 1);
  CHECK(shown.months[0].pass_s == Approx((1 + 2 + 4) / 3.0));
  CHECK(schema_violations(to_json(store.show(x_unit).value()), "test-history").empty());
  CHECK(store.outcomes("run-1").error().kind == ErrorKind::not_found);

  // The second call has no effect. A run that was deleted is not imported again.
  CHECK(store.prune(*parse_utc("2026-01-05T00:00:00Z"))->runs == 0);
  CHECK(store.import(a_run(1, x_cases(2, 1.0))) == false);
  // Later runs are added to the same month.
  CHECK(store.prune(*parse_utc("2026-02-01T00:00:00Z"))->runs == 1);
  CHECK(store.show(x_0)->at(0).months.at(0).runs == 5);
}

TEST_CASE("a history of the first version is migrated without loss") {
  const Home home;
  {
    database::Connection old = home.database();
    REQUIRE(migrate(old, 1));
    CHECK(old.schema_version() == 1);
    REQUIRE(
        old.run("INSERT INTO runs (id, run_id, revision, stage, started, wall_s, finished, exit_code, tests, flaky)"
                " VALUES (1, 'old', 'b2a59f0', '1', 1000, 2.5, 1, 0, 3, 0)"));
  }
  Store store = home.open();
  CHECK(home.database().schema_version() == newest_schema_version());
  const std::vector<RunInfo> runs = store.runs({}).value();
  REQUIRE(runs.size() == 1);
  CHECK(runs[0].run_id == "old");
  CHECK(runs[0].stack_key.empty());
  CHECK(runs[0].kept);
  CHECK(store.import(a_run(1, x_cases(1, 1.0))) == true);
}
