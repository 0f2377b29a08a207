// SPDX-License-Identifier: Apache-2.0
// The budget as a deadline: decisions when it is over, and their record.
#include <rapidcheck.h>

#include "agent/execute/dispatcher.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/execute/random_bench.hpp"

using namespace spyre;
using namespace spyre::execute;
using namespace spyre::execute::fake;
using results::Cause;
using results::Outcome;

namespace {

using Table = std::map<std::string, std::string>;

// Check that each not-run case has the budget as its cause.
bool is_only_over_budget(const results::RunRecord& record, double budget_s) {
  return std::ranges::all_of(record.cases, [&](const results::CaseResult& each) {
    return each.outcome() != Outcome::not_run || each.attempts.back().cause == Cause{Cause::Kind::budget, budget_s};
  });
}

}  // namespace

TEST_CASE("when the budget is over, a running case finishes and no other begins") {
  RunBench bench;
  bench.plan.budget_s = 50;
  bench.add_file("test_a.py", {{{"a", Does::slow}, {"b", Does::slow}, {"c", Does::slow}, {"d", Does::pass}}});
  bench.add_file("test_b.py", {{{"e", Does::pass}}});
  const auto record = bench.run();
  CHECK(outcomes(record) ==
        Table{{"a", "passed"}, {"b", "passed"}, {"c", "not_run"}, {"d", "not_run"}, {"unit", "not_run"}});
  CHECK(is_only_over_budget(record, 50));
  CHECK(record.over_budget() == 3);
  CHECK(record.exit_code() == 1);
  CHECK(record.finished);
  CHECK(record.infra.empty());
  CHECK(bench.opens["test_b.py"] == 0);
}

TEST_CASE("an unused budget changes nothing") {
  RunBench bench;
  bench.plan.budget_s = 3600;
  bench.add_file("test_a.py", {{{"a", Does::slow}, {"b", Does::slow}}});
  const auto record = bench.run();
  CHECK(outcomes(record) == Table{{"a", "passed"}, {"b", "passed"}});
  CHECK(record.exit_code() == 0);
}

TEST_CASE("a case that runs when the budget is over keeps its own limit") {
  RunBench bench;
  bench.plan.budget_s = 20;
  bench.execute.retries = 1;
  bench.add_file("test_a.py", {{{"fails", Does::fail}, {"hangs", Does::hang}, {"rest", Does::pass}}});
  const auto record = bench.run();
  CHECK(outcomes(record) == Table{{"fails", "failed"}, {"hangs", "timed_out"}, {"rest", "not_run"}});
  CHECK(is_only_over_budget(record, 20));
  CHECK(record.exit_code() == 1);
}

TEST_CASE("a file that is being imported when the budget is over is not waited for") {
  RunBench bench;
  bench.plan.budget_s = 20;
  bench.add_file("test_a.py", {{{"a", Does::pass}}, Import::hang_hard});
  const auto record = bench.run();
  CHECK(outcomes(record) == Table{{"unit", "not_run"}});
  CHECK(is_only_over_budget(record, 20));
  CHECK(record.exit_code() == 1);
  CHECK(bench.clock.steady() - SteadyTime{} < std::chrono::seconds{30});
}

TEST_CASE("other reasons not to run a case take precedence over the budget") {
  RunBench bench;
  bench.plan.budget_s = 20;
  bench.add_file("test_a.py", {{{"a", Does::slow}, {"b", Does::slow}}});
  bench.add_file("test_wide.py", {{{"w", Does::pass}}}, 2);
  const auto record = bench.run();
  CHECK(record.over_budget() == 1);
  CHECK(record.exit_code() == 3);
}

TEST_CASE("a run that exceeded its budget is completed when it is resumed") {
  RunBench bench;
  bench.plan.budget_s = 50;
  bench.add_file("test_a.py", {{{"a", Does::slow}, {"b", Does::slow}, {"c", Does::slow}, {"d", Does::fail}}});
  bench.add_file("test_b.py", {{{"e", Does::slow}}});
  const auto directory = TemporaryDirectory::create();
  REQUIRE(directory);
  REQUIRE(bench.run_in(directory->path())->over_budget() == 3);
  // With the whole budget again.
  auto record = bench.run_in(directory->path());
  CHECK(bench.starts["test_a.py::a"] == 0);
  CHECK(outcomes(*record) ==
        Table{{"a", "passed"}, {"b", "passed"}, {"c", "passed"}, {"d", "failed"}, {"e", "passed"}});
  CHECK(record->exit_code() == 1);
}

TEST_CASE("whatever the budget interrupts, every case is accounted for and can run later") {
  CHECK(rc::check([] {
    RunBench bench = random_bench();
    bench.plan.budget_s = *rc::gen::inRange(1, 400);
    const auto directory = TemporaryDirectory::create();
    RC_ASSERT(directory.has_value());
    const auto record = bench.run_in(directory->path());
    RC_ASSERT(record.has_value());
    check_accounting(bench, *record);
    RC_ASSERT(record->finished);
    bench.plan.budget_s = 0;
    const auto resumed = bench.run_in(directory->path());
    RC_ASSERT(resumed.has_value());
    check_accounting(bench, *resumed);
    RC_ASSERT(resumed->over_budget() == 0U);
    const auto before = outcomes(*record);
    for (const auto& [name, outcome] : outcomes(*resumed)) {
      const auto found = before.find(name);
      // A result is kept, or retried as usual.
      if (found != before.end() && found->second != "not_run") RC_ASSERT(outcome.starts_with(found->second));
    }
  }));
}
