// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/planner.hpp"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/plan/selections.hpp"

using namespace spyre;
using namespace spyre::plan;

namespace {

std::set<std::string> files_of(const Plan& plan) {
  std::set<std::string> files;
  for (const Batch& batch : plan.batches) files.emplace(batch.file);
  return files;
}

std::size_t planned(const Plan& plan) {
  std::size_t count = 0;
  for (const Batch& batch : plan.batches) count += batch.units.size();
  return count;
}

}  // namespace

TEST_CASE("a short file is one batch with all its tests, sorted, and its import") {
  const auto plan =
      make_plan(selection_of({"test/a.py::T::y", "test/b.py::z", "test/a.py::T::x"}), guesses(), {.cards = 2});
  REQUIRE(plan);
  CHECK(plan->revision == "0123456789012345678901234567890123456789");
  CHECK(plan->stage == "1");
  CHECK(plan->cards == 2);
  REQUIRE(plan->batches.size() == 2);
  CHECK(plan->batches[0].id == "b0001");
  CHECK(plan->batches[0].units == Units{"test/a.py::T::x", "test/a.py::T::y"});
  CHECK(plan->batches[0].estimate_s == Approx(3.6));
  CHECK(plan->batches[0].import_s == Approx(3));
  CHECK(plan->batches[1].estimate_s == Approx(3.3));
  REQUIRE(plan->shards.size() == 2);
  CHECK(plan->shards[0].batches == std::vector<std::string>{"b0001"});
  CHECK(plan->shards[1].batches == std::vector<std::string>{"b0002"});
  CHECK(plan->makespan_s == Approx(3.6));
  CHECK(plan->lower_bound_s == Approx(3.45));
  CHECK(plan->omitted.empty());
}

TEST_CASE("batches are in order of length, longest first, and so are the first batches of the shards") {
  Durations durations = guesses();
  for (int i = 0; i < 20; ++i) durations.files["test/test_" + std::to_string(i) + ".py"] = 1 + i * 7 % 20;
  const auto plan = make_plan(regular_selection(20, 3), durations, {.cards = 4});
  REQUIRE(plan);
  CHECK(std::ranges::is_sorted(plan->batches, std::greater{}, &Batch::estimate_s));
  const double ends = plan->shards[0].estimate_s;
  for (const Shard& shard : plan->shards) CHECK(shard.estimate_s == Approx(ends).epsilon(0.1));
}

TEST_CASE("a long file is cut so that the cards end together") {
  Durations durations = guesses();
  durations.files["test/test_0.py"] = 10'000;
  const auto plan = make_plan(regular_selection(1, 1000), durations, {.cards = 8});
  REQUIRE(plan);
  CHECK(plan->makespan_s < 1.02 * plan->lower_bound_s);
  CHECK(plan->batches.size() > 8);
  for (const Batch& batch : plan->batches) CHECK(batch.estimate_s < 10'000. / 8 / 8);
}

TEST_CASE("a batch is short enough that little is lost with the machine that runs it") {
  Durations durations = guesses();
  durations.files["test/test_0.py"] = 100'000;
  const auto plan = make_plan(regular_selection(1, 1000), durations, {.cards = 1});
  REQUIRE(plan);
  for (const Batch& batch : plan->batches) CHECK(batch.estimate_s <= 603.001);
}

TEST_CASE("a test longer than a card's share is cut by case") {
  Durations durations = guesses();
  const std::string unit = "test/a.py::T::long";
  SECTION("with unknown times of its cases, in equal pieces") {
    durations.tests[unit] = 100;
    testsel::Selection selection = selection_of({unit, "test/a.py::T::short"});
    selection.tests[0].breadth = testsel::Breadth::operators;
    const auto plan = make_plan(selection, durations, {.cards = 4});
    REQUIRE(plan);
    int pieces = 0;
    for (const Batch& batch : plan->batches) {
      if (batch.units != Units{unit}) continue;
      ++pieces;
      CHECK(batch.pieces > 4);
      CHECK(batch.estimate_s - batch.import_s == Approx(100.0 / batch.pieces).epsilon(0.01));
    }
    CHECK(pieces == plan->batches[0].pieces);
    CHECK(plan->makespan_s < 40);
  }
  SECTION("but not if it may have a single case") {
    durations.tests[unit] = 100;
    const auto plan = make_plan(selection_of({unit}), durations, {.cards = 4});
    REQUIRE(plan);
    CHECK(plan->batches.size() == 1);
  }
  SECTION("with known times of its cases, by the cases of each piece") {
    std::map<std::string, double> cases;
    for (int i = 0; i < 40; ++i) cases[unit + "_" + std::to_string(i)] = i == 0 ? 61 : 1;
    for (const auto& [id, seconds] : cases) durations.cases[unit].add(case_time(id, seconds));
    const auto plan = make_plan(selection_of({unit}), durations, {.cards = 4});
    REQUIRE(plan);
    double sum = 0;
    for (const Batch& batch : plan->batches) {
      double expected = 0;
      for (const auto& [id, seconds] : cases) expected += takes(batch, id) ? seconds : 0;
      CHECK(batch.estimate_s - batch.import_s == Approx(expected));
      sum += expected;
    }
    CHECK(sum == Approx(100));
    // The longest case cannot be cut, for any number of cards.
    CHECK(plan->lower_bound_s == Approx(64));
  }
  SECTION("a single case stays whole") {
    durations.cases[unit] = {case_time(unit, 100)};
    const auto plan = make_plan(selection_of({unit}), durations, {.cards = 4});
    REQUIRE(plan);
    REQUIRE(plan->batches.size() == 1);
    CHECK(plan->batches[0].pieces == 1);
    CHECK(plan->makespan_s == Approx(103).margin(0.1));  // parts are whole milliseconds
    CHECK(plan->lower_bound_s == Approx(103));
  }
}

TEST_CASE("the parts of a file stay on few cards, where the import is paid once") {
  Durations durations = guesses();
  durations.cold.import_s = 10;
  for (int i = 0; i < 4; ++i) durations.files["test/test_" + std::to_string(i) + ".py"] = 1000;
  const auto plan = make_plan(regular_selection(4, 100), durations, {.cards = 4});
  REQUIRE(plan);
  CHECK(plan->batches.size() > 4);
  CHECK(plan->makespan_s == Approx(1010));
  for (const Shard& shard : plan->shards) {
    std::set<std::string> files;
    for (const std::string& id : shard.batches) files.emplace(batch_of(*plan, id).file);
    CHECK(files.size() == 1);
  }
}

TEST_CASE("a smaller stage gets a smaller share of each file's time") {
  Durations durations = guesses();
  durations.files["test/test_0.py"] = 100;
  testsel::Selection selection = regular_selection(1, 10);
  CHECK(make_plan(selection, durations, {.cards = 1})->makespan_s ==
        Approx(103).margin(0.1));  // parts are whole milliseconds
  selection.fraction = 0.25;       // of about forty
  CHECK(make_plan(selection, durations, {.cards = 1})->makespan_s == Approx(28).margin(0.1));
}

TEST_CASE("a test over dtypes or operators without a known time is expected to take longer than a plain one") {
  testsel::Selection selection = selection_of({"test/a.py::x"});
  const auto seconds = [&](testsel::Breadth breadth) {
    selection.tests[0].breadth = breadth;
    return make_plan(selection, guesses(), {.cards = 1})->makespan_s;
  };
  CHECK(seconds(testsel::Breadth::single) == Approx(3.3));
  CHECK(seconds(testsel::Breadth::dtypes) == Approx(6));
  CHECK(seconds(testsel::Breadth::operators) > 60);
}

TEST_CASE("more cards than work leaves shards empty") {
  const auto plan = make_plan(selection_of({"test/a.py::x"}), guesses(), {.cards = 3});
  REQUIRE(plan);
  REQUIRE(plan->shards.size() == 3);
  CHECK(plan->shards[1].batches.empty());
  CHECK(plan->shards[1].estimate_s == 0);
}

TEST_CASE("a budget takes the first ranks that fit and lists the rest in order") {
  const testsel::Selection selection = regular_selection(10, 100);
  const auto plan = make_plan(selection, guesses(), {.cards = 2, .budget = Seconds{60}});
  REQUIRE(plan);
  CHECK(plan->makespan_s <= 60);
  CHECK(plan->makespan_s > 57);
  CHECK(planned(*plan) + plan->omitted.size() == 1000);
  REQUIRE(!plan->omitted.empty());
  for (std::size_t i = 0; i < plan->omitted.size(); ++i) {
    CHECK(plan->omitted[i] == selection.tests[planned(*plan) + i].id);
  }
}

TEST_CASE("a reserve of the budget is not planned for") {
  const testsel::Selection selection = regular_selection(10, 100);
  const auto plan = make_plan(selection, guesses(), {.cards = 2, .budget = Seconds{60}, .reserve = 0.25});
  REQUIRE(plan);
  CHECK(plan->makespan_s <= 45);
  CHECK(plan->makespan_s > 42);
}

TEST_CASE("a budget that is long enough omits no test") {
  const testsel::Selection selection = regular_selection(10, 10);
  const auto bounded = make_plan(selection, guesses(), {.cards = 2, .budget = Seconds{3600}});
  REQUIRE(bounded);
  CHECK(to_json(*bounded) == to_json(*make_plan(selection, guesses(), {.cards = 2})));
}

TEST_CASE("three minutes on two cards without any history are spread over many files") {
  // A stage of 5 %: nearly every test is of another file.
  const auto plan = make_plan(regular_selection(300, 3), guesses(), {.cards = 2, .budget = Seconds{180}});
  REQUIRE(plan);
  CHECK(files_of(*plan).size() >= 50);
  CHECK(plan->makespan_s <= 180);
  CHECK(plan->makespan_s > 170);
}

TEST_CASE("a test that would take a large share of the budget is left out in favour of the others") {
  Durations durations = guesses();
  durations.tests["test/test_0.py::T::test_0"] = 50;  // the first in rank
  const auto plan = make_plan(regular_selection(3, 3), durations, {.cards = 1, .budget = Seconds{120}});
  REQUIRE(plan);
  CHECK(plan->omitted == std::vector<std::string>{"test/test_0.py::T::test_0"});
  const auto alone =
      make_plan(selection_of({"test/test_0.py::T::test_0"}), durations, {.cards = 1, .budget = Seconds{120}});
  REQUIRE(alone);
  CHECK(alone->omitted.empty());
}

TEST_CASE("a test that is longer than the whole budget does not exclude the others") {
  Durations durations = guesses();
  durations.cases["test/a.py::hour"] = {case_time("test/a.py::hour", 3600)};
  const auto plan = make_plan(selection_of({"test/a.py::hour", "test/b.py::x", "test/c.py::y"}), durations,
                              {.cards = 2, .budget = Seconds{60}});
  REQUIRE(plan);
  CHECK(files_of(*plan) == std::set<std::string>{"test/b.py", "test/c.py"});
  CHECK(plan->omitted == std::vector<std::string>{"test/a.py::hour"});
}

TEST_CASE("generated tests are planned and omitted with their class") {
  const testsel::Selection selection =
      selection_of({"test/a.py::A::x", "test/b.py::B::y", "test/b.py::C::z"},
                   {"test/a.py::A", "test/b.py", "test/b.py::C", "test/b.py::D", "test/d.py::Alone"});
  const auto in_plan = [&](double budget) {
    std::set<std::string> units;
    const auto plan = make_plan(selection, guesses(), {.cards = 1, .budget = Seconds{budget}});
    REQUIRE(plan);
    for (const Batch& batch : plan->batches) {
      for (const std::string_view unit : batch.units) units.emplace(unit);
    }
    CHECK(units.size() + plan->omitted.size() == 8);
    return units;
  };
  CHECK(in_plan(4) == std::set<std::string>{"test/a.py::A::x", "test/a.py::A"});
  CHECK(in_plan(7.6) ==
        std::set<std::string>{"test/a.py::A::x", "test/a.py::A", "test/b.py::B::y", "test/b.py", "test/b.py::D"});
  CHECK(in_plan(100).count("test/d.py::Alone") == 1);
}

TEST_CASE("a unit that the selection contains twice is planned once") {
  const auto plan = make_plan(selection_of({"test/a.py::x", "test/a.py::x"}), guesses(), {.cards = 1});
  REQUIRE(plan);
  CHECK(planned(*plan) == 1);
}

TEST_CASE("selections that cannot be planned are refused with the reason") {
  const auto empty = make_plan(selection_of({}), guesses(), {.cards = 1});
  REQUIRE(!empty);
  CHECK(empty.error().kind == ErrorKind::nothing_selected);

  for (const int cards : {0, -1, 65'537}) {
    const auto plan = make_plan(selection_of({"test/a.py::x"}), guesses(), {.cards = cards});
    REQUIRE(!plan);
    CHECK(plan.error().kind == ErrorKind::usage);
  }

  const auto hasty = make_plan(selection_of({"test/a.py::x"}), guesses(), {.cards = 1, .budget = Seconds{2}});
  REQUIRE(!hasty);
  CHECK(hasty.error().kind == ErrorKind::usage);
  CHECK(hasty.error().message ==
        "--budget 2.0 s is too short for any test: even test/a.py::x needs about 3.3 s, import included");
}

TEST_CASE("tests that need several cards are batches of their own, in a shard with enough cards") {
  const testsel::Selection selection = regular_selection(4, 6);
  PlanOptions options{.cards = 6};
  options.gangs = {{selection.tests[0].id, 4}, {selection.tests[5].id, 2}};
  const auto plan = make_plan(selection, {}, options);
  REQUIRE(plan);
  int gangs = 0, cards = 0;
  for (const Batch& batch : plan->batches) {
    const bool is_gang = batch.cards > 1;
    gangs += is_gang;
    for (const std::string_view unit : batch.units) CHECK(options.gangs.contains(std::string(unit)) == is_gang);
    if (is_gang) CHECK(batch.cards == options.gangs.at(std::string(batch.units.front())));
  }
  CHECK(gangs == 2);
  for (const Shard& shard : plan->shards) {
    cards += shard.cards;
    for (const std::string& id : shard.batches) CHECK(batch_of(*plan, id).cards <= shard.cards);
  }
  CHECK(plan->shards.front().cards == 4);
  CHECK(cards == 6);
  CHECK(planned(*plan) == 24);
}

TEST_CASE("a test that needs more cards than there are is refused before the run") {
  PlanOptions options{.cards = 2};
  options.gangs = {{"test/a.py::x", 8}};
  const auto plan = make_plan(selection_of({"test/a.py::x", "test/b.py::y"}), {}, options);
  REQUIRE(!plan);
  CHECK(plan.error().kind == ErrorKind::usage);
  CHECK(plan.error().message == "test/a.py::x needs 8 cards at once, but there are only 2");
}
