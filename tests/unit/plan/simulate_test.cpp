// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/simulate.hpp"

#include <cmath>

#include <nlohmann/json.hpp>
#include <rapidcheck.h>

#include "agent/core/json.hpp"
#include "agent/plan/planner.hpp"
#include "agent/plan/workload.hpp"
#include "tests/bench/baseline_planners.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/json_schema.hpp"
#include "tests/unit/plan/selections.hpp"

using namespace spyre;
using namespace spyre::plan;

namespace {

// Twenty files from half a second to ten minutes.
Workload small_workload(double gang_share = 0) {
  Durations durations;
  double seconds = 0.5;
  for (int i = 0; i < 20; ++i) durations.files["test/test_" + std::to_string(i) + ".py"] = seconds *= 1.4;
  return *make_workload(durations, {.tests = 2000, .gang_share = gang_share, .seed = 1});
}

Plan plan_of(const Workload& workload, int cards) {
  return *make_plan(workload.selection, workload.durations, {.cards = cards, .gangs = workload.gangs});
}

double sum_of_terms(const Simulation& s) {
  return s.tests_s + s.imports_s + s.lost_s + s.idle_s;
}

}  // namespace

TEST_CASE("one card takes as long as the plan estimates") {
  const Plan plan = plan_of(small_workload(), 1);
  const auto simulation = simulate(plan, {});
  REQUIRE(simulation);
  CHECK(simulation->makespan_s == Approx(plan.makespan_s));
  CHECK(simulation->ratio == Approx(1).epsilon(0.001));
  CHECK(simulation->imports == 20);
  CHECK(simulation->idle_s == Approx(0).margin(0.01));
}

TEST_CASE("shards that keep to an accurate plan end at the planned time") {
  const Plan plan = plan_of(small_workload(), 4);
  const auto simulation = simulate(plan, {.dealing = Dealing::shards});
  REQUIRE(simulation);
  CHECK(simulation->makespan_s == Approx(plan.makespan_s));
}

TEST_CASE("with wrong estimates the shared queue is close to the bound, and shards are not") {
  const Plan plan = plan_of(small_workload(), 8);
  const auto queue = simulate(plan, {.estimate_error = 0.3});
  const auto shards = simulate(plan, {.dealing = Dealing::shards, .estimate_error = 0.3});
  REQUIRE(queue);
  REQUIRE(shards);
  CHECK(queue->lower_bound_s == Approx(shards->lower_bound_s));
  CHECK(queue->ratio < 1.1);
  CHECK(queue->ratio <= shards->ratio);
}

TEST_CASE("the planner is never worse than the baselines") {
  const Workload workload = small_workload(0.05);
  const PlanOptions options{.cards = 16, .gangs = workload.gangs};
  const auto ours = simulate(plan_of(workload, 16), {.estimate_error = 0.3});
  const auto round_robin = deal_round_robin(workload.selection, workload.durations, options);
  const auto pieces = deal_ten_minute_pieces(workload.selection, workload.durations, options);
  REQUIRE(round_robin);
  REQUIRE(pieces);
  for (const Plan& rival : {*round_robin, *pieces}) {
    const auto theirs = simulate(rival, {.dealing = Dealing::shards, .estimate_error = 0.3});
    REQUIRE(theirs);
    CHECK(ours->makespan_s < theirs->makespan_s);
    // The work does not depend on the planner.
    CHECK(theirs->tests_s == Approx(ours->tests_s).epsilon(0.05));
  }
}

TEST_CASE("a failed card costs its time, and no work remains undone") {
  const Plan plan = plan_of(small_workload(), 10);
  for (const Dealing dealing : {Dealing::shared_queue, Dealing::shards}) {
    const auto whole = simulate(plan, {.dealing = dealing});
    const auto hurt = simulate(plan, {.dealing = dealing, .failing_cards = 0.3, .seed = 3});
    REQUIRE(hurt);
    CHECK(hurt->failed_cards > 0);
    CHECK(hurt->not_run == 0);
    CHECK(hurt->tests_s == Approx(whole->tests_s));
    CHECK(hurt->makespan_s > whole->makespan_s);
  }
}

TEST_CASE("the cards' time is accounted for completely") {
  const Plan plan = plan_of(small_workload(0.1), 16);
  for (const Dealing dealing : {Dealing::shared_queue, Dealing::shards}) {
    const auto simulation = simulate(plan, {.dealing = dealing, .estimate_error = 0.3, .failing_cards = 0.1});
    REQUIRE(simulation);
    CHECK(sum_of_terms(*simulation) == Approx(simulation->makespan_s * 16));
    CHECK(simulation->makespan_s >= simulation->lower_bound_s);
    CHECK(simulation->utilization == Approx(simulation->tests_s / (simulation->makespan_s * 16)));
  }
}

TEST_CASE("the same seed gives the same simulation, another seed another one") {
  const Plan plan = plan_of(small_workload(0.1), 12);
  const auto bytes = [&](std::uint64_t seed) {
    return dump_json(to_json(*simulate(plan, {.estimate_error = 0.3, .failing_cards = 0.1, .seed = seed})));
  };
  CHECK(bytes(1) == bytes(1));
  CHECK(bytes(1) != bytes(2));
}

TEST_CASE("the simulation document matches the schema") {
  CHECK(schema_violations(to_json(*simulate(plan_of(small_workload(), 3), {.estimate_error = 0.2})), "simulation")
            .empty());
}

TEST_CASE("invalid options are refused") {
  const Plan plan = plan_of(small_workload(), 2);
  CHECK(simulate(plan, {.estimate_error = -0.1}).error().kind == ErrorKind::usage);
  CHECK(simulate(plan, {.estimate_error = std::nan("")}).error().kind == ErrorKind::usage);
  CHECK(simulate(plan, {.failing_cards = 1}).error().kind == ErrorKind::usage);
  CHECK(make_workload({}, {}).error().kind == ErrorKind::usage);
}

TEST_CASE("a synthetic workload has the durations it was made from") {
  const Workload workload = small_workload(0.05);
  std::map<std::string, double> sums;
  for (const auto& test : workload.selection.tests)
    sums[std::string(file_of(test.id))] += workload.durations.tests.at(test.id);
  REQUIRE(sums.size() == 20);
  double seconds = 0.5;
  for (int i = 0; i < 20; ++i) CHECK(sums.at("test/test_" + std::to_string(i) + ".py") == Approx(seconds *= 1.4));
  CHECK(!workload.gangs.empty());
  for (const auto& [unit, cards] : workload.gangs) {
    CHECK(cards >= 2);
    CHECK(cards <= 8);
  }
}

TEST_CASE("property: no work is lost and no run ends before the bound") {
  CHECK(rc::check([] {
    const auto selection = regular_selection(*rc::gen::inRange(1, 15), *rc::gen::inRange(1, 15));
    Durations durations;
    for (const auto& test : selection.tests) durations.tests[test.id] = *rc::gen::inRange(0, 30000) / 1000.0;
    PlanOptions options{.cards = *rc::gen::inRange(2, 30)};
    if (*rc::gen::arbitrary<bool>()) options.gangs[selection.tests.front().id] = 2;
    const auto plan = make_plan(selection, durations, options);
    RC_ASSERT(plan.has_value());
    const auto s = simulate(*plan, {.estimate_error = 0.5, .seed = *rc::gen::inRange<std::uint64_t>(0, 1000)});
    RC_ASSERT(s.has_value());
    RC_ASSERT(s->not_run == 0u);
    RC_ASSERT(s->makespan_s >= s->lower_bound_s * 0.999999);
    RC_ASSERT(std::abs(sum_of_terms(*s) - s->makespan_s * options.cards) < 0.01);
  }));
}
