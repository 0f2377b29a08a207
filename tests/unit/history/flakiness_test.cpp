// SPDX-License-Identifier: Apache-2.0
#include "agent/history/flakiness.hpp"

#include <rapidcheck.h>

#include "tests/support/catch.hpp"
#include "tests/support/json_schema.hpp"
#include "tests/unit/history/home.hpp"
#include "tests/unit/history/records.hpp"

using namespace spyre;
using namespace spyre::history;
using results::Outcome;

namespace {

// A case with these attempts: '.' passes, 'F' fails, 's' is skipped; in quarantine 'X' passes and 'x' fails.
results::CaseResult tried(const std::string& name, const std::string& attempts) {
  results::CaseResult result = a_case("test/test_a.py::TCPU::" + name, "test/test_a.py::T::" + name, 1.0);
  result.attempts.clear();
  for (const char c : attempts) {
    const std::map<char, Outcome> outcomes{{'.', Outcome::passed},
                                           {'F', Outcome::failed},
                                           {'s', Outcome::skipped},
                                           {'X', Outcome::xpassed},
                                           {'x', Outcome::xfailed}};
    const Outcome outcome = outcomes.at(c);
    result.attempts.push_back(a_case("", "", 1.0, outcome, c == 'F' ? "reset by peer" : "").attempts[0]);
  }
  return result;
}

const std::string prefix = "test/test_a.py::TCPU::";

}  // namespace

TEST_CASE("published values of the bounds") {
  // Wilson, 95 % one-sided, by hand.
  CHECK(wilson(0, 10).low == 0);
  CHECK(wilson(0, 10).high == Approx(0.2129).epsilon(1e-3));
  CHECK(wilson(5, 10).low == Approx(0.2693).epsilon(1e-3));
  CHECK(wilson(5, 10).high == Approx(0.7307).epsilon(1e-3));
  CHECK(wilson(10, 10).high == 1);
  CHECK(wilson(0, 0).low == 0);
  CHECK(wilson(0, 0).high == 1);
}

TEST_CASE("more evidence narrows the bounds, and the rate is between them") {
  CHECK(rc::check("wilson", [] {
    const auto trials = *rc::gen::inRange<std::int64_t>(1, 10'000);
    const auto hits = *rc::gen::inRange<std::int64_t>(0, trials + 1);
    const Bounds bounds = wilson(hits, trials), more = wilson(hits * 10, trials * 10);
    const double rate = static_cast<double>(hits) / static_cast<double>(trials);
    RC_ASSERT(bounds.low <= rate + 1e-12);
    RC_ASSERT(rate <= bounds.high + 1e-12);
    RC_ASSERT(more.high - more.low <= bounds.high - bounds.low);
  }));
}

TEST_CASE("flaky cases are distinguished from broken ones") {
  const FlakyOptions options;
  // Passes and fails on the same revision, repeatedly.
  CHECK(judge({{5, 5, 5}}, options).flaky);
  // Broken on one revision, passing on the others.
  const FlakyCase broken = judge({{0, 10, 10}, {10, 0, 0}}, options);
  CHECK_FALSE(broken.flaky);
  CHECK(broken.failures == 0);
  CHECK(broken.trials == 10);
  // One bad day.
  CHECK_FALSE(judge({{9, 1, 1}}, options).flaky);
  CHECK(judge({{9, 1, 1}}, options).failures == 1);
  // A run with three failed attempts is also one bad day.
  CHECK_FALSE(judge({{9, 3, 1}}, options).flaky);
  // Rare failures, with much evidence that the rate is below one in a hundred.
  CHECK_FALSE(judge({{10'000, 3, 3}}, options).flaky);
  CHECK_FALSE(judge({}, options).flaky);
}

TEST_CASE("flaky tests of a history") {
  const Home home;
  Store store = home.open();
  for (int day = 1; day <= 10; ++day) {
    results::RunRecord run = a_run(day, {tried("test_flaky", day % 2 == 0 ? "F." : "."), tried("test_steady", "."),
                                         tried("test_broken", day < 6 ? "." : "FF"),
                                         tried("test_once", day == 3 ? "F." : "."), tried("test_skipped", "s")});
    run.revision = day < 6 ? "before" : "after";
    REQUIRE(store.import(run));
  }
  const Flakiness flakiness = store.flakiness({}).value();
  CHECK(flakiness.runs == 10);
  CHECK(flakiness.tests == 5);
  CHECK(flakiness.flaky_tests == 1);
  CHECK(flakiness.share() == Approx(0.2));
  REQUIRE(flakiness.cases.size() == 2);
  CHECK(flakiness.cases[0].id == prefix + "test_flaky");
  CHECK(flakiness.cases[0].unit == "test/test_a.py::T::test_flaky");
  CHECK(flakiness.cases[0].flaky);
  CHECK(flakiness.cases[0].trials == 15);
  CHECK(flakiness.cases[0].failures == 5);
  CHECK(flakiness.cases[0].flips == 5);
  CHECK(flakiness.cases[0].message == "reset by peer");
  CHECK(flakiness.cases[1].id == prefix + "test_once");
  CHECK_FALSE(flakiness.cases[1].flaky);
  CHECK(flakiness.quarantine == std::vector<std::string>{"test/test_a.py::T::test_flaky"});
  CHECK(flakiness.release.empty());
  CHECK(schema_violations(to_json(flakiness), "flaky").empty());
}

TEST_CASE("a case that fails since a change of the stack is a regression") {
  const Home home;
  Store store = home.open();
  for (int day = 1; day <= 10; ++day) {
    results::RunRecord run = a_run(day, {tried("test_x", day > 5 ? "F" : ".")});
    run.stack_key = day > 5 ? "torch=2.6.0 torch_spyre=b" : "torch=2.6.0 torch_spyre=a";
    REQUIRE(store.import(run));
  }
  CHECK(store.flakiness({})->cases.empty());
}

TEST_CASE("a run with an unknown stack or revision is not compared with others") {
  const Home home;
  Store store = home.open();
  const bool stack_is_unknown = GENERATE(true, false);
  for (int day = 1; day <= 10; ++day) {
    results::RunRecord run =
        a_run(day, {tried("test_between", day % 2 == 0 ? "F" : "."), tried("test_within", day % 2 == 0 ? "F." : ".")});
    (stack_is_unknown ? run.stack_key : run.revision).clear();
    REQUIRE(store.import(run));
  }
  const Flakiness flakiness = store.flakiness({}).value();
  REQUIRE(flakiness.cases.size() == 1);
  CHECK(flakiness.cases[0].id == prefix + "test_within");
  CHECK(flakiness.cases[0].flaky);
}

TEST_CASE("flips between runs on the same revision and stack count") {
  const Home home;
  Store store = home.open();
  for (int day = 1; day <= 10; ++day) REQUIRE(store.import(a_run(day, {tried("test_x", day % 2 == 0 ? "F" : ".")})));
  const Flakiness flakiness = store.flakiness({}).value();
  REQUIRE(flakiness.cases.size() == 1);
  CHECK(flakiness.cases[0].flaky);
  CHECK(flakiness.cases[0].flips == 5);
}

TEST_CASE("release from quarantine") {
  const Home home;
  Store store = home.open();
  for (int i = 0; i < 70; ++i) {
    results::RunRecord run =
        a_run(1 + i % 28,
              {tried("test_well", i < 5 ? "F." : "."), tried("test_ill", i % 9 == 0 ? "F." : "."),
               // The outcomes of a quarantined test: an expected failure, or an unexpected pass.
               tried("test_expected_to_fail", i < 5 ? "x" : "X"), tried("test_still_ill", i % 9 == 0 ? "x" : "X")},
              fmt::format("run-{}", i));
    run.started = fmt::format("2026-01-01T{:02}:{:02}:00Z", i / 60, i % 60);
    REQUIRE(store.import(run));
  }
  const std::string unit = "test/test_a.py::T::";
  const Flakiness flakiness = store.flakiness({}, [](const std::string&) { return true; }).value();
  CHECK(flakiness.release == std::vector<std::string>{unit + "test_expected_to_fail", unit + "test_well"});
  CHECK(flakiness.quarantine.empty());
}

TEST_CASE("an empty history has no flaky tests") {
  const Home home;
  const Flakiness flakiness = home.open().flakiness({}).value();
  CHECK(flakiness.cases.empty());
  CHECK(flakiness.share() == 0);
}
