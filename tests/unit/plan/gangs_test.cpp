// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/gangs.hpp"

#include "agent/core/file_tree.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::plan;

namespace {

testsel::Inventory inventory(const std::string& path, const std::string& source) {
  const MemoryTree tree({{path, source}, {"torch/__init__.py", ""}});
  return *testsel::read_inventory(tree);
}

std::unordered_map<std::string, int> sizes(const std::string& rules, const testsel::Inventory& tests) {
  const auto parsed = GangRules::parse(rules, "gangs.yaml");
  REQUIRE(parsed);
  return parsed->sizes(tests);
}

const std::string decorated = R"(
class TestA(TestCase):
    @skip_if_lt_x_gpu(4)
    def test_four(self): pass
    @dist.require_world_size(world_size=2)
    def test_two(self): pass
    def test_one(self): pass

@skip_if_lt_x_gpu(3)
class TestB(TestCase):
    def test_three(self): pass
    @skip_if_lt_x_gpu(rank0)
    def test_no_number(self): pass
)";

}  // namespace

TEST_CASE("a decorator of the test, or of its class, determines the number of cards") {
  const auto found = sizes(
      "gangs:\n- {decorator: skip_if_lt_x_gpu, cards: argument}\n"
      "- {decorator: require_world_size, cards: argument}\n",
      inventory("test/test_a.py", decorated));
  CHECK(found == std::unordered_map<std::string, int>{{"test/test_a.py::TestA::test_four", 4},
                                                      {"test/test_a.py::TestA::test_two", 2},
                                                      {"test/test_a.py::TestB::test_three", 3}});
}

TEST_CASE("the first rule that applies decides") {
  const std::string rules = "gangs:\n- {tests: '**::test_one', cards: 1}\n- {tests: 'test/distributed/**', cards: 2}\n";
  const auto found = sizes(rules, inventory("test/distributed/test_a.py", decorated));
  CHECK(found.size() == 4);
  CHECK(found.count("test/distributed/test_a.py::TestA::test_one") == 0);
  CHECK(sizes(rules, inventory("test/test_a.py", decorated)).empty());
}

TEST_CASE("errors in gang rules are reported with their place") {
  const std::vector<std::string> mistakes{"[]",
                                          "gang: []",
                                          "gangs: 3",
                                          "gangs: [3]",
                                          "gangs: [{tests: x}]",
                                          "gangs: [{tests: x, cards: 0}]",
                                          "gangs: [{tests: x, cards: argument}]",
                                          "gangs: [{cards: 2}]",
                                          "gangs: [{tests: x, cards: 2, colour: blue}]"};
  for (const std::string& text : mistakes) {
    CAPTURE(text);
    const auto rules = GangRules::parse(text, "gangs.yaml");
    REQUIRE(!rules);
    CHECK(rules.error().kind == ErrorKind::config);
    CHECK(rules.error().message.find("gangs.yaml:1:") == 0);
  }
}
