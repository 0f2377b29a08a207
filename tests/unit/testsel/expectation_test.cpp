// SPDX-License-Identifier: Apache-2.0
#include "testsel/expectation.hpp"

#include <nlohmann/json.hpp>

#include "tests/unit/testsel/made_up.hpp"
#include "testsel/selection.hpp"

using namespace spyre;
using namespace spyre::testsel;
using Strings = std::vector<std::string>;

namespace {

Strings ids(const Selection& selection) {
  Strings ids;
  for (const SelectedTest& test : selection.tests) ids.push_back(test.id.substr(test.id.rfind("::") + 2));
  return ids;
}

}  // namespace

TEST_CASE("the last class and the function of a case are found, whatever its parameters contain") {
  const CaseName name = name_of_case("test/t.py::TestACPU::test_x[a::b]");
  CHECK(name.class_name == "TestACPU");
  CHECK(name.function == "test_x[a::b]");
  CHECK(name_of_case("test/t.py::test_x").class_name.empty());
  CHECK(name_of_case("test/t.py::test_x").function == "test_x");
  CHECK(name_of_case("test/t.py").function.empty());
}

TEST_CASE("notes are read as they were written, and invalid ones are refused") {
  TestNotes notes;
  notes.tests["t.py::a"] = {Mode::xfail, "why", {"x", "y"}};
  notes.tests["t.py::b"] = {Mode::mandatory_success, "", {"z"}};
  notes.cases.push_back({"TestA", "test_x_cpu", "issue"});
  CHECK(read_notes(to_json(notes)).value() == notes);
  for (const char* text :
       {"[]", R"({"tests": []})", R"({"tests": {"a": 1}})", R"({"tests": {"a": {"mode": "x"}}})",
        R"({"tests": {"a": {"mode": 1}}})", R"({"tests": {"a": {"tags": "x"}}})", R"({"tests": {"a": {"tags": [1]}}})",
        R"({"cases": {}})", R"({"cases": [1]})", R"({"cases": [{"class": "A", "name": "b"}]})"}) {
    CAPTURE(text);
    const auto read = read_notes(nlohmann::json::parse(text));
    REQUIRE(!read);
    CHECK(read.error().kind == ErrorKind::invalid);
  }
}

TEST_CASE("demanded tests come first and are in scope; tests to skip are withheld and listed") {
  const Inventory inventory = inventory_of(
      {{"test/test_a.py",
        "class TestA(TestCase):\n  def test_a(self): pass\n  def test_b(self): pass\n  def test_c(self): pass\n"
        "  def test_train(self): pass\n"}});
  const Scope scope = scope_of("exclude: [{name: t, reason: training, note: n, test: '*train*'}]\n");
  const std::string start = "test/test_a.py::TestA::test_";
  SelectOptions options;
  options.evidence.demanded = {start + "train", start + "c"};
  options.notes.tests[start + "b"] = {Mode::skip, "it crashes", {}};
  options.notes.tests[start + "c"] = {Mode::xfail, "c.yaml:1:1", {"model"}};
  options.notes.tests["test/test_a.py::TestA::test_other"] = {Mode::xfail, "not selected", {}};
  const auto selection = select(inventory, scope, options);
  REQUIRE(selection);
  CHECK(selection->totals.in_scope == 4);
  CHECK(selection->totals.excluded.empty());
  const Strings order = ids(*selection);
  REQUIRE(order.size() == 3);
  CHECK(std::set<std::string>{order[0], order[1]} == std::set<std::string>{"test_train", "test_c"});
  CHECK(order[2] == "test_a");
  REQUIRE(selection->withheld.size() == 1);
  CHECK(selection->withheld[0].id == start + "b");
  CHECK(selection->withheld[0].reason == "it crashes");
  CHECK(selection->notes.tests.size() == 1);
  CHECK(selection->notes.tests.contains(start + "c"));

  options.only_demanded = true;
  CHECK(select(inventory, scope, options)->tests.size() == 2);
}
