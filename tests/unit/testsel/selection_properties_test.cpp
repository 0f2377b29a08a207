// SPDX-License-Identifier: Apache-2.0
// Properties of the selection, for every inventory and every share.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>

#include "agent/core/json.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/testsel/made_up.hpp"
#include "testsel/selection.hpp"

using namespace spyre;
using namespace spyre::testsel;

namespace {

// The facts of a test: a file, a class and a name of a small world, and the facts that rules match.
struct Place {
  int file, owner, name;
  auto operator<=>(const Place&) const = default;
};
using Places = std::set<Place>;

rc::Gen<Places> places() {
  const auto place = rc::gen::build<Place>(rc::gen::set(&Place::file, rc::gen::inRange(0, 6)),
                                           rc::gen::set(&Place::owner, rc::gen::inRange(0, 4)),
                                           rc::gen::set(&Place::name, rc::gen::inRange(0, 40)));
  return rc::gen::container<Places>(place);
}

// Some names train, some need a GPU. The kind depends only on the name, so that a place always means the same test.
Inventory world_inventory(const Places& world) {
  std::map<std::pair<int, int>, std::string> classes;
  for (const Place& place : world) {
    std::string& text = classes[{place.file, place.owner}];
    if (text.empty()) text = fmt::format("class T{}(TestCase):\n", place.owner);
    text += place.name % 5 == 0 ? "  @onlyCUDA\n" : "";
    text += fmt::format("  def test_{}(self): {}\n", place.name, place.name % 7 == 0 ? "x.backward()" : "pass");
  }
  std::map<int, std::string> files;
  for (const auto& [key, text] : classes) files[key.first] += text;
  std::vector<MemoryTree::File> tree{{"test/test_none.py", ""}};
  for (const auto& [file, text] : files) tree.push_back({fmt::format("test/test_{}.py", file), text});
  return testsel::inventory_of(std::move(tree));
}

const Scope& two_rules() {
  static const Scope scope = scope_of(R"(
exclude:
  - {name: cuda, reason: gpu, note: n, decorator: onlyCUDA}
  - {name: backward, reason: training, note: n, calls: backward}
)");
  return scope;
}

Selection selected(const Places& world, double fraction) {
  const auto selection = select(world_inventory(world), two_rules(),
                                {.stage = {}, .fraction = fraction, .only = {}, .limit = 0, .evidence = {}});
  return selection ? *selection : Selection{};
}

std::set<std::string> chosen(const Places& world, double fraction) {
  std::set<std::string> ids;
  for (const SelectedTest& test : selected(world, fraction).tests) ids.insert(test.id);
  return ids;
}

double some_fraction() {
  return *rc::gen::inRange(1, 101) / 100.;
}

}  // namespace

TEST_CASE("property: a larger share contains a smaller one, in the same order") {
  CHECK(rc::check([] {
    const Places world = *places();
    const double small = some_fraction(), large = std::min(1., small + some_fraction());
    const auto few = selected(world, small).tests, many = selected(world, large).tests;
    RC_ASSERT(few.size() <= many.size());
    for (std::size_t i = 0; i < few.size(); ++i) RC_ASSERT(few[i].id == many[i].id);
  }));
}

namespace {

// Return the number of tests of both worlds that are chosen in only one of them.
std::size_t changed(const Places& one, const Places& other, double fraction) {
  const std::set<std::string> was = chosen(one, fraction), is = chosen(other, fraction);
  const std::set<std::string> before = chosen(one, 1), after = chosen(other, 1);
  return static_cast<std::size_t>(std::count_if(before.begin(), before.end(), [&](const std::string& id) {
    return after.contains(id) && was.contains(id) != is.contains(id);
  }));
}

}  // namespace

TEST_CASE("property: adding or removing k tests changes the choice of at most k + ceil(fraction x k) others") {
  CHECK(rc::check([] {
    const Places before = *places(), added = *places();
    Places after = before;
    after.insert(added.begin(), added.end());
    const std::size_t k = after.size() - before.size();
    const int percent = *rc::gen::inRange(1, 101);
    const std::size_t bound = k + (k * static_cast<std::size_t>(percent) + 99) / 100;
    RC_ASSERT(changed(before, after, percent / 100.) <= bound);
    RC_ASSERT(changed(after, before, percent / 100.) <= bound);
  }));
}

TEST_CASE("property: a test that is added or removed changes the choice of at most two others") {
  CHECK(rc::check([] {
    Places world = *rc::gen::nonEmpty(places());
    const Places whole = world;
    world.erase(std::next(world.begin(), *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(world))));
    RC_ASSERT(changed(whole, world, some_fraction()) <= 2);
  }));
}

TEST_CASE("property: no file has a second test before every file has one") {
  CHECK(rc::check([] {
    const Places world = *places();
    std::set<std::string> files, seen;
    for (const std::string& id : chosen(world, 1)) files.insert(id.substr(0, id.find("::")));
    for (const SelectedTest& test : selected(world, some_fraction()).tests) {
      const bool first = seen.insert(test.id.substr(0, test.id.find("::"))).second;
      RC_ASSERT(first || seen.size() == files.size());
    }
  }));
}

TEST_CASE("property: every test is counted once") {
  CHECK(rc::check([] {
    const Places world = *places();
    const auto totals = selected(world, 1).totals;
    std::size_t sum = totals.in_scope;
    for (const auto& [reason, count] : totals.excluded) sum += count;
    RC_ASSERT(totals.in_scope == 0 || sum == world.size());
    RC_ASSERT(totals.selected == totals.in_scope);
  }));
}

TEST_CASE("property: the share is exact") {
  CHECK(rc::check([] {
    const Places world = *places();
    const int percent = *rc::gen::inRange(1, 101);
    const auto totals = selected(world, percent / 100.).totals;
    RC_ASSERT(totals.selected == (totals.in_scope * static_cast<std::size_t>(percent) + 99) / 100);
  }));
}

TEST_CASE("property: the document is the same, byte for byte") {
  CHECK(rc::check([] {
    const Places world = *places();
    const double fraction = some_fraction();
    RC_ASSERT(dump_json(to_json(selected(world, fraction))) == dump_json(to_json(selected(world, fraction))));
  }));
}
