// SPDX-License-Identifier: Apache-2.0
#include "testsel/rank.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/testsel/made_up.hpp"
#include "testsel/selection.hpp"

using namespace spyre;
using namespace spyre::testsel;

namespace {

// One file, whose tests differ only in the evidence.
const char* const tree_of_tests = R"(
class TestA(TestCase):
    def test_one(self): pass
    def test_two(self): pass
    def test_three(self): pass
    @dtypes(torch.float)
    def test_dtypes(self): pass
    @common.ops(op_db)
    @dtypes(torch.float)
    def test_ops(self): pass
    @modules(module_db)
    def test_modules(self): pass
)";

std::vector<std::string> order_of(const Inventory& inventory, const Evidence& evidence = {}) {
  const Scope scope = scope_of("");
  std::vector<std::string> names;
  for (const Test* test : ranked(inventory, scope, judge(inventory, scope), evidence)) {
    names.push_back(test->id.substr(test->id.rfind(':') + 1));
  }
  return names;
}

std::string id(const std::string& name) {
  return "test/test_a.py::TestA::" + name;
}

std::size_t place(const std::vector<std::string>& order, const std::string& name) {
  return static_cast<std::size_t>(std::find(order.begin(), order.end(), name) - order.begin());
}

}  // namespace

TEST_CASE("a share is rounded up, exactly") {
  CHECK(Share(0.07).of(100) == 7);
  CHECK(Share(0.05).of(20) == 1);
  CHECK(Share(0.05).of(21) == 2);
  CHECK(Share(0.8).of(5) == 4);
  CHECK(Share(1).of(12'345) == 12'345);
  CHECK(Share(0).of(12'345) == 0);
  CHECK(Share(0.5).of(0) == 0);
}

TEST_CASE("a share of possible units grows with the fraction") {
  std::size_t tenth = 0, half = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string unit = "test/test_" + std::to_string(i) + ".py";
    tenth += Share(0.1).takes(unit) ? 1 : 0;
    half += Share(0.5).takes(unit) ? 1 : 0;
    CHECK((!Share(0.1).takes(unit) || Share(0.5).takes(unit)));
    CHECK(Share(1).takes(unit));
    CHECK_FALSE(Share(0).takes(unit));
  }
  CHECK(tenth > 50);
  CHECK(tenth < 150);
  CHECK(half > 400);
  CHECK(half < 600);
}

TEST_CASE("a share takes the same units in every version") {
  std::vector<int> taken;
  for (int i = 0; i < 20; ++i) {
    if (Share(0.5).takes("test/test_" + std::to_string(i) + ".py")) taken.push_back(i);
  }
  CHECK(taken == std::vector<int>{0, 1, 4, 5, 8, 9, 11, 12, 14, 15, 16});  // XXH3_64bits below 2^63
}

TEST_CASE("tests over operators come before tests over dtypes, and those before the others") {
  const std::vector<std::string> order = order_of(inventory_of({{"test/test_a.py", tree_of_tests}}));
  REQUIRE(order.size() == 6);
  CHECK(place(order, "test_ops") < 2);
  CHECK(place(order, "test_modules") < 2);
  CHECK(place(order, "test_dtypes") == 2);
}

TEST_CASE("every file has its best test before one has a second") {
  const Inventory inventory =
      inventory_of({{"test/test_a.py", tree_of_tests}, {"test/test_b.py", "def test_b(): pass\n"}});
  const std::vector<std::string> order = order_of(inventory);
  CHECK(place(order, "test_b") < 2);
}

TEST_CASE("demanded tests come first, then passing ones, then cheap ones") {
  const Inventory inventory = inventory_of({{"test/test_a.py", tree_of_tests}});
  Evidence evidence;
  evidence.demanded = {id("test_two")};
  CHECK(order_of(inventory, evidence).front() == "test_two");

  evidence = {};
  evidence.passing = {id("test_three")};
  CHECK(place(order_of(inventory, evidence), "test_three") == 3);
  evidence.passing = {id("test_one")};
  CHECK(place(order_of(inventory, evidence), "test_one") == 3);

  evidence = {};
  evidence.seconds = {{id("test_one"), 100}, {id("test_two"), 10}, {id("test_three"), 0.1}};
  const std::vector<std::string> cheap_first{"test_three", "test_two", "test_one"};
  const std::vector<std::string> order = order_of(inventory, evidence);
  CHECK(std::vector<std::string>(order.begin() + 3, order.end()) == cheap_first);
}

TEST_CASE("a standing is the position in the order and the first stage that contains it") {
  const Inventory inventory = inventory_of({{"test/test_a.py", tree_of_tests}});
  const Scope scope = scope_of("exclude:\n  - {name: r, reason: gpu, note: n, test: test_two}\n");
  const Stages stages = Stages::parse(
                            "stages:\n- {id: none, fraction: 0, cards: 1}\n- {id: few, fraction: 0.4, cards: 1}\n"
                            "- {id: most, fraction: 0.8, cards: 1}\n",
                            "stages.yaml")
                            .value();
  CHECK(standing_of(id("test_dtypes"), inventory, scope, stages).rank == 3);
  CHECK(standing_of(id("test_dtypes"), inventory, scope, stages).in_scope == 5);
  CHECK(standing_of(id("test_dtypes"), inventory, scope, stages).stage == "most");
  CHECK(standing_of(id("test_two"), inventory, scope, stages).rank == 0);
  CHECK(standing_of(id("test_two"), inventory, scope, stages).stage.empty());
  Evidence evidence;
  evidence.demanded = {id("test_dtypes")};
  CHECK(standing_of(id("test_dtypes"), inventory, scope, stages, evidence).stage == "few");
}
