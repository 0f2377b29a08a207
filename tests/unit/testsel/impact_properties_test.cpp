// SPDX-License-Identifier: Apache-2.0
// Properties of the ranking, for every inventory and all clues.
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>

#include "agent/core/json.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/testsel/made_up.hpp"
#include "testsel/impact.hpp"

using namespace spyre;
using namespace spyre::testsel;

namespace {

Inventory some_inventory() {
  std::vector<MemoryTree::File> files{{"test/test_first.py", "def test_x(): pass\n"}};
  for (int f = *rc::gen::inRange(0, 6); f > 0; --f) {
    std::string text = *rc::gen::arbitrary<bool>() ? "exec('x')\n" : "";
    for (int t = *rc::gen::inRange(0, 10); t > 0; --t) text += fmt::format("def test_{}(): pass\n", t);
    files.push_back({fmt::format("test/test_{}.py", f), text});
  }
  return inventory_of(std::move(files));
}

std::vector<Clue> some_clues(int at_most) {
  std::vector<Clue> clues;
  for (int i = *rc::gen::inRange(0, at_most + 1); i > 0; --i) {
    const auto kind = static_cast<Clue::Kind>(*rc::gen::inRange(0, 7));
    clues.push_back({kind, *rc::gen::inRange(0, 101) / 100., "torch/a.py", "why", 0.5});
  }
  return clues;
}

Clues some_clues(const Inventory& inventory) {
  Clues clues;
  for (const TestFile& file : inventory.files) {
    clues.of_files.push_back(some_clues(3));
    for (const Test& test : file.tests) clues.of_tests[&test] = some_clues(1);
  }
  return clues;
}

Impact ranked(const Inventory& inventory, Clues clues) {
  return rank_by_impact(inventory, scope_of("exclude: []"), std::move(clues));
}

}  // namespace

TEST_CASE("property: every test in scope is ranked once, with a score from 0 to 1, higher scores first") {
  CHECK(rc::check([] {
    const Inventory inventory = some_inventory();
    const Impact impact = ranked(inventory, some_clues(inventory));
    std::set<const Test*> seen;
    for (std::size_t i = 0; i < impact.tests.size(); ++i) {
      const Impact::Ranked& one = impact.tests[i];
      RC_ASSERT(seen.insert(one.test).second);
      RC_ASSERT(one.score() >= 0 && one.score() <= 1);
      if (i > 0) RC_ASSERT(impact.tests[i - 1].score() >= one.score());
      RC_ASSERT((one.evidence > 0) == (i < impact.evident));
    }
    RC_ASSERT(seen.size() == inventory.test_count());
  }));
}

TEST_CASE("property: more evidence never lowers the score of a test or of another test") {
  CHECK(rc::check([] {
    const Inventory inventory = some_inventory();
    Clues clues = some_clues(inventory);
    const Impact before = ranked(inventory, clues);
    const auto file = *rc::gen::inRange<std::size_t>(0, inventory.files.size());
    for (const Clue& clue : some_clues(3)) clues.of_files[file].push_back(clue);
    const Impact after = ranked(inventory, clues);
    for (const Impact::Ranked& one : before.tests) RC_ASSERT(after.find(one.test->id)->evidence >= one.evidence);
  }));
}

TEST_CASE("property: a larger share contains a smaller one") {
  CHECK(rc::check([] {
    const Inventory inventory = some_inventory();
    const Impact impact = ranked(inventory, some_clues(inventory));
    const double small = *rc::gen::inRange(1, 101) / 100.;
    const double large = std::min(1., small + *rc::gen::inRange(0, 101) / 100.);
    const Selection few = choose(impact, {.fraction = small, .only = {}}).value();
    const Selection many = choose(impact, {.fraction = large, .only = {}}).value();
    RC_ASSERT(few.tests.size() <= many.tests.size());
    for (std::size_t i = 0; i < few.tests.size(); ++i) RC_ASSERT(few.tests[i].id == many.tests[i].id);
    RC_ASSERT(
        std::includes(many.generators.begin(), many.generators.end(), few.generators.begin(), few.generators.end()));
  }));
}

TEST_CASE("property: without evidence the order is that of rank") {
  CHECK(rc::check([] {
    const Inventory inventory = some_inventory();
    Clues none;
    none.of_files.resize(inventory.files.size());
    const Selection by_impact = choose(ranked(inventory, std::move(none)), {.fraction = 1, .only = {}}).value();
    Selection by_rank =
        select(inventory, scope_of("exclude: []"), {.stage = {}, .fraction = 1, .only = {}, .limit = 0, .evidence = {}})
            .value();
    RC_ASSERT(dump_json(to_json(by_impact)) == dump_json(to_json(by_rank)));
  }));
}
