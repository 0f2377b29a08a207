// SPDX-License-Identifier: Apache-2.0
#include "testsel/selection.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tests/support/catch.hpp"
#include "tests/unit/testsel/made_up.hpp"

using namespace spyre;
using namespace spyre::testsel;

namespace {

// Files with classes A and B and tests test_0 to test_9 in each; test_0 and test_1 need CUDA, test_2 trains.
Inventory sixty() {
  std::string text;
  for (const char* name : {"A", "B"}) {
    text += fmt::format("class {}(TestCase):\n", name);
    for (int i = 0; i < 10; ++i) {
      if (i < 2) text += "  @onlyCUDA\n";
      text += fmt::format("  def test_{}(self): {}\n", i, i == 2 ? "x.backward()" : "pass");
    }
  }
  return inventory_of({{"test/test_a.py", text}, {"test/nn/test_a.py", text}, {"test/nn/test_b.py", text}});
}

Scope rules() {
  return scope_of(R"(
exclude:
  - {name: cuda, reason: gpu, note: n, decorator: onlyCUDA}
  - {name: backward, reason: training, note: n, calls: backward}
)");
}

Selection selected(const SelectOptions& options) {
  auto selection = select(sixty(), rules(), options);
  if (!selection) FAIL(selection.error().message);
  return std::move(*selection);
}

Error refused(const SelectOptions& options) {
  const auto selection = select(sixty(), rules(), options);
  if (selection) FAIL("selected " << selection->tests.size());
  return selection.error();
}

SelectOptions fraction(double fraction) {
  return {.stage = {}, .fraction = fraction, .only = {}, .limit = 0, .evidence = {}};
}

SelectOptions only(std::vector<std::string> patterns) {
  return {.stage = {}, .fraction = 1, .only = std::move(patterns), .limit = 0, .evidence = {}};
}

std::vector<std::string> ids(const Selection& selection) {
  std::vector<std::string> ids;
  for (const SelectedTest& test : selection.tests) ids.push_back(test.id);
  return ids;
}

}  // namespace

TEST_CASE("every test is counted once, in scope or with its reason") {
  const Selection selection = selected(fraction(1));
  CHECK(selection.totals.tests == 60);
  CHECK(selection.totals.in_scope == 42);
  CHECK(selection.totals.selected == 42);
  CHECK(selection.totals.excluded == std::map<std::string, std::size_t>{{"gpu", 12}, {"training", 6}});
  CHECK(selection.revision == "0123456789012345678901234567890123456789");
}

TEST_CASE("a fraction of the in-scope tests is rounded up") {
  CHECK(selected(fraction(0.5)).tests.size() == 21);
  CHECK(selected(fraction(0.51)).tests.size() == 22);
  CHECK(selected(fraction(0.05)).tests.size() == 3);
  CHECK(selected(fraction(0.000001)).tests.size() == 1);
}

TEST_CASE("a stage's share is selected, and its name is kept") {
  const Selection selection =
      selected(SelectOptions::of(Stage{.id = "2", .fraction = 0.25, .cards = 512, .cadence = {}, .description = {}}));
  CHECK(selection.stage == "2");
  CHECK(selection.fraction == 0.25);
  CHECK(selection.tests.size() == 11);
}

TEST_CASE("the choice is the same on every machine and in every version") {
  CHECK(ids(selected(fraction(0.05))) == std::vector<std::string>{"test/nn/test_b.py::A::test_5",
                                                                  "test/nn/test_a.py::B::test_8",
                                                                  "test/test_a.py::A::test_5"});
}

TEST_CASE("only accepts ids, classes, files and directories") {
  CHECK(selected(only({"test/nn/test_b.py::B::test_7"})).tests.size() == 1);
  CHECK(selected(only({"test/nn/test_b.py::B"})).tests.size() == 7);
  CHECK(selected(only({"test/nn/test_b.py"})).tests.size() == 14);
  CHECK(selected(only({"test/nn/*"})).tests.size() == 28);
  CHECK(selected(only({"test/**"})).tests.size() == 42);
  CHECK(selected(only({"test_a.py"})).tests.size() == 28);
  CHECK(selected(only({"test_a.py::*::test_[34]"})).tests.size() == 8);
  CHECK(selected(only({"test/test_a.py::A", "test/test_a.py::B::test_3"})).tests.size() == 8);
}

TEST_CASE("only narrows the enabled tests and does not change them") {
  const std::vector<std::string> enabled = ids(selected(fraction(0.5)));
  SelectOptions options = only({"test/nn/test_b.py"});
  options.fraction = 0.5;
  std::vector<std::string> expected;
  std::copy_if(enabled.begin(), enabled.end(), std::back_inserter(expected),
               [](const std::string& id) { return id.starts_with("test/nn/test_b.py"); });
  CHECK(ids(selected(options)) == expected);
}

TEST_CASE("limit keeps the first in order of rank") {
  SelectOptions options = fraction(0.5);
  const std::vector<std::string> enabled = ids(selected(options));
  options.limit = 5;
  CHECK(ids(selected(options)) == std::vector<std::string>(enabled.begin(), enabled.begin() + 5));
}

TEST_CASE("an empty selection is an error of its own kind") {
  Error error =
      refused(SelectOptions::of(Stage{.id = "0", .fraction = 0, .cards = 0, .cadence = {}, .description = {}}));
  CHECK(error.kind == ErrorKind::nothing_selected);
  CHECK(error.message == "stage 0 enables no tests");
  error = refused(only({"test/test_c.py"}));
  CHECK(error.kind == ErrorKind::nothing_selected);
  CHECK(error.message == "no test that a share of 1 enables matches test/test_c.py");
}

TEST_CASE("an invalid fraction is refused") {
  CHECK(refused(fraction(1.01)).kind == ErrorKind::usage);
  CHECK(refused(fraction(-0.1)).kind == ErrorKind::usage);
  CHECK(refused(fraction(std::numeric_limits<double>::quiet_NaN())).kind == ErrorKind::usage);
}

TEST_CASE("generators are enabled with the fraction and counted separately") {
  std::string text;
  for (int i = 0; i < 40; ++i)
    text += fmt::format("class G{}(TestCase):\n  def test_x(self): pass\nsetattr(G{}, n, f)\n", i, i);
  text += "@onlyCUDA\nclass H(TestCase):\n  pass\nsetattr(H, n, f)\n";
  const Inventory inventory = inventory_of({{"test/test_g.py", text}});
  const auto at = [&](double share) { return select(inventory, rules(), fraction(share)).value(); };
  CHECK(at(1).totals.tests == 40);
  CHECK(at(1).totals.generators.all == 41);
  CHECK(at(1).totals.generators.in_scope == 40);
  CHECK(at(1).generators.size() == 40);
  const std::vector<std::string> some = at(0.3).generators, more = at(0.6).generators;
  CHECK(some.size() > 0);
  CHECK(some.size() < more.size());
  CHECK(std::is_sorted(some.begin(), some.end()));
  CHECK(std::includes(more.begin(), more.end(), some.begin(), some.end()));
}

TEST_CASE("files that do not parse are named, and the others are selected") {
  const Inventory inventory =
      inventory_of({{"test/test_a.py", "def test_x(): pass\n"}, {"test/test_b.py", "def test_y(:\n  x = 'abc\n"}});
  const Selection selection = select(inventory, rules(), fraction(1)).value();
  CHECK(ids(selection) == std::vector<std::string>{"test/test_a.py::test_x"});
  REQUIRE(selection.unreadable.size() == 1);
  CHECK(selection.unreadable[0].starts_with("test/test_b.py:"));
}
