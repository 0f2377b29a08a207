// SPDX-License-Identifier: Apache-2.0
// Properties of every plan, for all selections and durations.
#include <algorithm>
#include <map>
#include <set>

#include <nlohmann/json.hpp>
#include <rapidcheck.h>

#include "agent/core/json.hpp"
#include "agent/plan/planner.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/plan/selections.hpp"

using namespace spyre;
using namespace spyre::plan;

namespace {

constexpr double rounding_s = 0.002;  // estimates are whole milliseconds

struct Input {
  testsel::Selection selection;
  Durations durations;
  PlanOptions options;
};

double seconds(int milliseconds_max) {
  return *rc::gen::inRange(0, milliseconds_max) / 1000.0;
}

Input random_input(int longest_ms) {
  Input input;
  std::set<std::string> ids;
  const int count = *rc::gen::inRange(1, 200);
  for (int i = 0; i < count; ++i) {
    const std::string file = "test/test_" + std::to_string(*rc::gen::inRange(0, 12)) + ".py";
    const std::string id = file + "::T" + std::to_string(*rc::gen::inRange(0, 3)) + "::test_" + std::to_string(i);
    ids.insert(id);
    input.durations.imports[file] = seconds(5000);
    if (*rc::gen::arbitrary<bool>()) input.durations.tests[id] = seconds(longest_ms);
  }
  // std::set orders by name; ranks are in another order.
  std::vector<std::string> tests(ids.begin(), ids.end());
  std::ranges::sort(tests, {}, [](const std::string& id) { return std::hash<std::string>{}(id); });
  input.selection = selection_of(tests);
  if (*rc::gen::arbitrary<bool>())
    input.selection.generators = {"test/test_0.py::T1", "test/test_3.py", "test/test_99.py::X"};
  input.options.cards = *rc::gen::inRange(1, 40);
  for (const std::string& id : ids) {
    if (*rc::gen::inRange(0, 20) == 0) input.options.gangs[id] = *rc::gen::inRange(1, input.options.cards + 1);
  }
  return input;
}

std::set<std::string> all_units(const testsel::Selection& selection) {
  std::set<std::string> units(selection.generators.begin(), selection.generators.end());
  for (const auto& test : selection.tests) units.insert(test.id);
  return units;
}

}  // namespace

TEST_CASE("property: every unit is planned exactly once or omitted") {
  CHECK(rc::check([] {
    Input input = random_input(120'000);
    if (*rc::gen::arbitrary<bool>()) input.options.budget = Seconds{*rc::gen::inRange(1, 300) * 1.0};
    const auto plan = make_plan(input.selection, input.durations, input.options);
    if (!plan) {
      RC_ASSERT(plan.error().kind == ErrorKind::usage);
      RC_ASSERT(input.options.budget.has_value());
      return;
    }
    std::map<std::string_view, std::set<int>> pieces;
    std::map<std::string_view, int> expected;
    for (const Batch& batch : plan->batches) {
      RC_ASSERT(std::ranges::is_sorted(batch.units));
      for (const std::string_view unit : batch.units) {
        RC_ASSERT(file_of(unit) == batch.file);
        RC_ASSERT(pieces[unit].insert(batch.piece).second);
        expected[unit] = batch.pieces;
      }
    }
    for (const auto& [unit, seen] : pieces) RC_ASSERT(static_cast<int>(seen.size()) == expected[unit]);
    std::set<std::string> units;
    for (const auto& [unit, seen] : pieces) units.emplace(unit);
    for (const std::string& unit : plan->omitted) RC_ASSERT(units.insert(unit).second);
    RC_ASSERT(units == all_units(input.selection));
    if (input.options.budget) RC_ASSERT(plan->makespan_s <= input.options.budget->count() + rounding_s);
  }));
}

TEST_CASE("property: the shards are the batches, and their estimates add up") {
  CHECK(rc::check([] {
    const Input input = random_input(120'000);
    const auto plan = make_plan(input.selection, input.durations, input.options);
    RC_ASSERT(plan.has_value());
    int cards = 0;
    for (const Shard& shard : plan->shards) cards += shard.cards;
    RC_ASSERT(cards == input.options.cards);
    std::set<std::string> dealt;
    double last = 0;
    for (const Shard& shard : plan->shards) {
      double sum = 0;
      std::set<std::string_view> open;
      std::string_view previous;
      for (const std::string& id : shard.batches) {
        RC_ASSERT(dealt.insert(id).second);
        const Batch& batch = batch_of(*plan, id);
        sum += batch.estimate_s - (batch.file == previous ? batch.import_s : 0);
        RC_ASSERT(batch.cards <= shard.cards);
        if (batch.file != previous && shard.cards == 1)
          RC_ASSERT(open.insert(batch.file).second);  // one file's batches stand together
        previous = batch.file;
      }
      if (shard.cards == 1) RC_ASSERT(std::abs(sum - shard.estimate_s) < rounding_s);
      last = std::max(last, shard.estimate_s);
    }
    RC_ASSERT(dealt.size() == plan->batches.size());
    RC_ASSERT(std::abs(last - plan->makespan_s) < rounding_s);
    RC_ASSERT(plan->makespan_s >= plan->lower_bound_s);
  }));
}

TEST_CASE("property: the same input gives the same bytes, whatever the order of the tests") {
  CHECK(rc::check([] {
    Input input = random_input(120'000);
    const std::string bytes = dump_json(to_json(*make_plan(input.selection, input.durations, input.options)));
    RC_ASSERT(dump_json(to_json(*make_plan(input.selection, input.durations, input.options))) == bytes);
    std::ranges::reverse(input.selection.tests);  // rank matters only for a budget
    RC_ASSERT(dump_json(to_json(*make_plan(input.selection, input.durations, input.options))) == bytes);
  }));
}

TEST_CASE("property: no card waits while another has two batches left") {
  CHECK(rc::check([] {
    Input input = random_input(300);
    input.durations.cold = {.test_s = 0.1, .generator_s = 0.1};
    for (auto& [file, import] : input.durations.imports) import = 0;
    input.options.gangs.clear();
    input.durations.cold.import_s = 0;
    const auto plan = make_plan(input.selection, input.durations, input.options);
    RC_ASSERT(plan.has_value());
    const double cards = input.options.cards;
    double longest = 0;
    for (const Batch& batch : plan->batches) longest = std::max(longest, batch.estimate_s);
    // Graham (1966): giving the next batch to the card that is free first ends at most this much after a fair share.
    // The share is that of times before each batch was rounded to whole milliseconds.
    const double rounded_s = rounding_s + 0.0005 * static_cast<double>(plan->batches.size()) / cards;
    RC_ASSERT(plan->makespan_s <= plan->lower_bound_s + longest * (1 - 1 / cards) + rounded_s);
  }));
}

TEST_CASE("property: a larger budget never plans much less, and uses more time") {
  CHECK(rc::check([] {
    Input input = random_input(2000);
    const auto count = [&](double budget) {
      input.options.budget = Seconds{budget};
      const auto plan = make_plan(input.selection, input.durations, input.options);
      return plan ? all_units(input.selection).size() - plan->omitted.size() : 0;
    };
    RC_ASSERT(count(20) <= count(100'000));
    RC_ASSERT(count(100'000) == all_units(input.selection).size());
  }));
}
