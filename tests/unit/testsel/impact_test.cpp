// SPDX-License-Identifier: Apache-2.0
#include "testsel/impact.hpp"

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/json_schema.hpp"
#include "tests/unit/testsel/made_up.hpp"

using namespace spyre;
using namespace spyre::testsel;
using Files = std::vector<MemoryTree::File>;

namespace {

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

Files before() {
  return {
      {"torch/__init__.py", "from . import nn"},
      {"torch/nn/__init__.py", "from .pooling import *"},
      {"torch/nn/pooling.py", "class MaxPool(Module):\n  def forward(self): return 1\nclass AvgPool(Module): pass\n"},
      {"torch/hub.py", "def load(): return 1\n"},
      {"aten/Pool.cpp", "int x;"},
      {"test/nn/test_pooling.py",
       "from torch.nn import MaxPool\nclass TestPool(TestCase):\n  def test_max(self): MaxPool()\n"
       "  def test_other(self): pass\n"},
      {"test/test_hub.py", "import torch.hub\nclass TestHub(TestCase):\n  def test_load(self): pass\n"},
      {"test/test_jit.py",
       "import torch\nclass TestJit(TestCase):\n  def test_a(self): pass\n"
       "  def test_b(self): pass\nsetattr(TestJit, 'test_c', f)\n"}};
}

// One change of the tree above, examined with some knowledge.
struct World {
  Files old_files = before(), files = before();
  ImpactKnowledge knowledge;
  std::vector<Change::File> changed;

  void edit(const std::string& path, std::string text, std::string old_path = "=") {
    std::erase_if(files, [&](const auto& file) { return file.path == path || file.path == old_path; });
    if (!text.empty()) files.push_back({path, std::move(text)});
    changed.push_back({path, old_path == "=" ? path : std::move(old_path)});
  }
  void rules(std::string_view text) {
    auto parsed = ImpactRules::parse(text, "impact.yaml");
    if (!parsed) FAIL(parsed.error().message);
    knowledge.rules = std::move(*parsed);
  }
};

struct Found {
  Inventory inventory;
  Impact impact;

  double score(std::string_view id) const { return impact.find(id)->score(); }
  // "kind why" of each clue, the strongest first.
  std::string why(std::string_view id) const {
    std::string text;
    for (const Clue* clue : impact.find(id)->clues()) text += std::string(name(clue->kind)) + " " + clue->why + "\n";
    return text;
  }
  std::string first() const { return impact.tests.front().test->id; }
};

Found look(World world, bool compared = true) {
  const MemoryTree old_tree(world.old_files), tree(world.files);
  Found found{read_inventory(tree).value(), {}};
  world.knowledge.after = &tree;
  world.knowledge.inventory = &found.inventory;
  auto clues = find_clues({world.changed, compared ? &old_tree : nullptr}, world.knowledge);
  if (!clues) FAIL(clues.error().message);
  found.impact = rank_by_impact(found.inventory, scope_of("exclude: []"), std::move(*clues));
  return found;
}

const std::string max_id = "test/nn/test_pooling.py::TestPool::test_max";
const std::string other_id = "test/nn/test_pooling.py::TestPool::test_other";
const std::string hub_id = "test/test_hub.py::TestHub::test_load";
const std::string jit_id = "test/test_jit.py::TestJit::test_a";

World pooling_edited() {
  World world;
  world.edit("torch/nn/pooling.py",
             "class MaxPool(Module):\n  def forward(self): return 2\nclass AvgPool(Module): pass\n");
  return world;
}

}  // namespace

TEST_CASE(
    "a test that names a changed definition comes first, then those of files that import it or have a similar name") {
  const Found found = look(pooling_edited());
  CHECK(found.first() == max_id);
  CHECK(found.score(max_id) > found.score(other_id));
  CHECK(found.score(other_id) > found.score(jit_id));
  CHECK(has(found.why(max_id), "mentions names MaxPool of torch/nn/pooling.py"));
  CHECK(has(found.why(max_id), "imports: test/nn/test_pooling.py → torch/nn/__init__.py → torch/nn/pooling.py"));
  CHECK(has(found.why(max_id), "kinship named like torch/nn/pooling.py: "));
  CHECK(found.score(hub_id) == 0);
  CHECK(found.impact.tests.back().test->id == hub_id);
}

TEST_CASE("only changed definitions of a file count as mentioned") {
  World world;
  world.edit("torch/nn/pooling.py",
             "class MaxPool(Module):\n  def forward(self): return 1\nclass AvgPool(Module): x = 1\n");
  CHECK_FALSE(has(look(world).why(max_id), "mentions"));
  CHECK(has(look(world, false).why(max_id), "mentions"));  // without the old text everything counts as changed
}

TEST_CASE("an edited test comes before its neighbours") {
  World world;
  world.edit("test/test_jit.py",
             "import torch\nclass TestJit(TestCase):\n  def test_a(self): pass\n"
             "  def test_b(self): return 1\nsetattr(TestJit, 'test_c', f)\n");
  const Found found = look(world);
  CHECK(found.first() == "test/test_jit.py::TestJit::test_b");
  CHECK(found.score(found.first()) == Approx(0.95));
  CHECK(found.why(jit_id) == "edited other tests of its file were changed\n");
  CHECK(found.score(jit_id) == Approx(0.95 * 0.2));
  CHECK(look(world, false).why(jit_id) == "edited its file was changed\n");
}

TEST_CASE("a change of a class's helper, or of the module, concerns tests that were not edited") {
  World helper;
  helper.edit("test/test_jit.py",
              "import torch\nclass TestJit(TestCase):\n  def test_a(self): pass\n"
              "  def test_b(self): pass\n  def check(self): pass\nsetattr(TestJit, 'test_c', f)\n");
  CHECK(look(helper).why(jit_id) == "edited its class was changed\n");
  World shared;
  shared.edit("test/test_jit.py",
              "import torch\nX = 1\nclass TestJit(TestCase):\n  def test_a(self): pass\n"
              "  def test_b(self): pass\nsetattr(TestJit, 'test_c', f)\n");
  CHECK(look(shared).why(jit_id) == "edited shared code of its file was changed\n");
  World comment;
  comment.edit("test/test_jit.py", "# a comment\n" + before().back().text);
  CHECK(look(comment).impact.evident == 0);
}

TEST_CASE("a new test file is completely edited, a renamed one only where it differs, a deleted one not at all") {
  World added;
  added.edit("test/test_new.py", "class T(TestCase):\n  def test_x(self): pass\n", "");
  CHECK(has(look(added).why("test/test_new.py::T::test_x"), "edited the test was changed"));
  World renamed;
  renamed.edit("test/test_new.py", before()[6].text, "test/test_hub.py");
  CHECK_FALSE(has(look(renamed).why("test/test_new.py::TestHub::test_load"), "edited"));
  World deleted;
  deleted.edit("test/test_hub.py", "");
  CHECK(look(deleted).impact.find(hub_id) == nullptr);
}

TEST_CASE("rules connect files without imports, and can exclude a file") {
  World world;
  world.edit("aten/Pool.cpp", "int y;");
  world.edit("docs/pooling.md", "text");
  world.rules(
      "rules:\n- {changed: 'aten/**', tests: ['test/nn/**'], weight: 0.4, note: kernels}\n"
      "- {changed: '**/*.md', tests: [], note: words}");
  const Found found = look(world);
  CHECK(found.why(other_id) == "rule rule impact.yaml:2:3: kernels\n");
  CHECK(found.score(other_id) == Approx(0.4));
  CHECK(found.impact.evident == 2);
  CHECK(found.impact.found->ignored ==
        std::map<std::string, std::string>{{"docs/pooling.md", "impact.yaml:3:3: words"}});
}

TEST_CASE("profiles and past failures count if they are known") {
  World world = pooling_edited();
  world.knowledge.profile = ProfileTable::parse(R"({"torch/nn/pooling.py": {"test_hub": 1.0}})", "td.json").value();
  world.knowledge.failures = {{jit_id, 0.5}, {"test/test_gone.py::test_x", 1}};
  const Found found = look(world);
  CHECK(has(found.why(hub_id), "profiling ran torch/nn/pooling.py when profiled, as 1 test files did"));
  CHECK(found.score(hub_id) == Approx(0.5));
  CHECK(has(found.why(jit_id), "failures failed before when these files were changed"));
}

TEST_CASE("a file that all import says little, and one that few import says more") {
  World world;
  for (int i = 0; i < 20; ++i) {
    world.files.push_back({"test/test_" + std::to_string(i) + ".py", "import torch\ndef test_x(): pass\n"});
  }
  world.edit("torch/__init__.py", "from . import nn, hub");
  CHECK(look(world).score("test/test_7.py::test_x") < 0.1);
  world.edit("torch/hub.py", "def load(): return 2\n");
  CHECK(look(world).first() == hub_id);
}

TEST_CASE("the choice is a share, or all tests with any evidence") {
  const Found found = look(pooling_edited());
  const auto chosen = [&](const ImpactChoice& choice) { return choose(found.impact, choice); };
  CHECK(chosen({.fraction = 0.25, .only = {}})->tests.size() == 2);
  CHECK(chosen({.fraction = 1, .only = {}})->tests.size() == 5);
  const auto evident = chosen({.evident = true, .only = {}});
  REQUIRE(evident);
  CHECK(evident->tests.size() == found.impact.evident);
  CHECK(evident->fraction == Approx(static_cast<double>(found.impact.evident) / 5));
  CHECK(chosen({.fraction = 1, .only = {"test_hub.py"}})->tests[0].id == hub_id);
  CHECK(chosen({.fraction = 1, .only = {}, .limit = 1})->tests[0].id == max_id);
  CHECK(chosen({.fraction = 0.25, .only = {"test_hub.py"}}).error().kind == ErrorKind::nothing_selected);
  CHECK(chosen({.fraction = 0, .only = {}}).error().kind == ErrorKind::usage);
  CHECK(chosen({.fraction = 1.5, .only = {}}).error().kind == ErrorKind::usage);
  World nothing;
  nothing.edit("setup.py", "x");
  CHECK(choose(look(nothing).impact, {.evident = true, .only = {}}).error().kind == ErrorKind::nothing_selected);
}

TEST_CASE("units of generated tests are chosen with tests that have as little evidence as their file") {
  World world;
  world.edit("torch/jit.py", "x = 1", "");
  const Found found = look(world);
  const std::vector<std::string> unit{"test/test_jit.py::TestJit"};
  CHECK(found.impact.generators.at(unit[0]) > 0);
  CHECK(choose(found.impact, {.fraction = 0.2, .only = {}})->generators == unit);
  World far = pooling_edited();
  CHECK(choose(look(far).impact, {.fraction = 0.2, .only = {}})->generators.empty());
}

TEST_CASE("the impact document matches the schema") {
  World world = pooling_edited();
  world.edit("a.md", "x");
  world.rules("rules: [{changed: '*.md', tests: [], note: words}]");
  const Found found = look(world);
  const Selection selection = choose(found.impact, {.fraction = 1, .only = {}}).value();
  const nlohmann::json document = to_json(found.impact, selection, {"", {"a.md", "torch/nn/pooling.py"}});
  CHECK(schema_violations(document, "impact") == "");
  CHECK(schema_violations(to_json(selection), "selection") == "");
  CHECK(document["tests"][0]["reason"]["kind"] == "mentions");
  CHECK(document["changed"][0]["ignored"] == "impact.yaml:1:9: words");
  nlohmann::json wrong = document;
  wrong["tests"][0]["score"] = 2;
  CHECK(schema_violations(wrong, "impact") != "");
  const nlohmann::json explained = to_json(found.impact.tests[0], 1);
  CHECK(explained["clues"].size() == found.impact.tests[0].clues().size());
}
