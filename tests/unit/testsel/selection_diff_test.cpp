// SPDX-License-Identifier: Apache-2.0
#include "testsel/selection_diff.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/testsel/made_up.hpp"

using namespace spyre;
using namespace spyre::testsel;

namespace {

Selection of(const std::vector<std::string>& ids) {
  Selection selection;
  for (const std::string& id : ids) selection.tests.push_back({id, Breadth::single, 1});
  return selection;
}

const char* const tests =
    "class TestA(TestCase):\n  def test_add(self): pass\n  def test_multiply_two(self): pass\n  def test_other(self): "
    "pass\n";

}  // namespace

TEST_CASE("a manifest does not differ from itself") {
  const Inventory inventory = inventory_of({{"test/test_a.py", tests}});
  const Selection selection = of({"test/test_a.py::TestA::test_add"});
  CHECK(compare(selection, selection, inventory).empty());
}

TEST_CASE("added, removed and deleted tests are distinguished") {
  const Inventory inventory = inventory_of({{"test/test_a.py", tests}});
  const SelectionDiff diff =
      compare(of({"test/test_a.py::TestA::test_add", "test/test_x.py::TestX::test_of_nothing_like_it"}),
              of({"test/test_a.py::TestA::test_other"}), inventory);
  CHECK(diff.added == std::vector<std::string>{"test/test_a.py::TestA::test_other"});
  CHECK(diff.removed == std::vector<std::string>{"test/test_a.py::TestA::test_add"});
  CHECK(diff.gone == std::vector<std::string>{"test/test_x.py::TestX::test_of_nothing_like_it"});
  CHECK(as_text(diff) ==
        "+ test/test_a.py::TestA::test_other\n- test/test_a.py::TestA::test_add\n"
        "! test/test_x.py::TestX::test_of_nothing_like_it (not in this revision)\n");
}

TEST_CASE("a test in another file has moved, and does not count as added") {
  const Inventory inventory = inventory_of({{"test/nn/test_b.py", tests}});
  const SelectionDiff diff =
      compare(of({"test/test_a.py::TestA::test_add"}), of({"test/nn/test_b.py::TestA::test_add"}), inventory);
  REQUIRE(diff.moved.size() == 1);
  CHECK(diff.moved[0].was == "test/test_a.py::TestA::test_add");
  CHECK(diff.moved[0].is == "test/nn/test_b.py::TestA::test_add");
  CHECK(diff.added.empty());
  CHECK(diff.gone.empty());
}

TEST_CASE("a similar name in the same class counts as renamed") {
  const Inventory inventory = inventory_of({{"test/test_a.py", tests}});
  const SelectionDiff diff = compare(of({"test/test_a.py::TestA::test_multiply_2"}),
                                     of({"test/test_a.py::TestA::test_multiply_two"}), inventory);
  REQUIRE(diff.renamed.size() == 1);
  CHECK(diff.renamed[0].is == "test/test_a.py::TestA::test_multiply_two");
  CHECK(diff.added.empty());
}

TEST_CASE("two possible new places of a test are ambiguous") {
  const Inventory inventory = inventory_of({{"test/test_b.py", tests}, {"test/test_c.py", tests}});
  const SelectionDiff diff = compare(of({"test/test_a.py::TestA::test_add"}), of({}), inventory);
  CHECK(diff.moved.empty());
  CHECK(diff.gone.size() == 1);
}

TEST_CASE("a pinned selection has the manifest's tests in its order and follows moved ones") {
  const Inventory inventory = inventory_of({{"test/test_a.py", tests}, {"test/test_b.py", "def test_b(): pass\n"}});
  const auto pinned = pin(
      of({"test/test_old.py::test_b", "test/test_a.py::TestA::test_other", "test/test_a.py::TestA::no"}), inventory);
  REQUIRE(pinned);
  REQUIRE(pinned->tests.size() == 2);
  CHECK(pinned->tests[0].id == "test/test_b.py::test_b");
  CHECK(pinned->tests[1].id == "test/test_a.py::TestA::test_other");
  CHECK(pinned->totals.selected == 2);
  CHECK(pin(of({"test/test_a.py::TestA::no"}), inventory).error().kind == ErrorKind::nothing_selected);
}
