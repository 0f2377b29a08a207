// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "agent/core/files.hpp"
#include "agent/core/json.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/json_schema.hpp"
#include "tests/unit/testsel/made_up.hpp"
#include "testsel/inventory.hpp"
#include "testsel/selection.hpp"

using namespace spyre;
using namespace spyre::testsel;

namespace {

Selection example_selection() {
  Selection selection;
  selection.revision = "0123456789012345678901234567890123456789";
  selection.stage = "1";
  selection.fraction = 0.05;
  selection.totals = {.tests = 50,
                      .in_scope = 40,
                      .selected = 2,
                      .excluded = {{"gpu", 4}, {"training", 6}},
                      .generators = {.all = 3, .in_scope = 2}};
  selection.tests = {{"test/test_b.py::B::test_x", Breadth::operators, 1, 4800},
                     {"test/test_a.py::test_é", Breadth::single, 4}};
  selection.generators = {"test/test_a.py::A"};
  selection.unreadable = {"test/test_c.py:1:2: why"};
  selection.files = {{"test/test_b.py", {.bytes = 1000, .imports = 7, .tests = 3, .cases = 4802}}};
  return selection;
}

// Return the error of read_selection for the example after a change.
template <typename Change>
Error after(Change change) {
  nlohmann::json document = to_json(example_selection());
  change(document);
  const auto directory = TemporaryDirectory::create().value();
  REQUIRE(write_file(directory.path() / "s.json", dump_json(document)));
  const auto read = read_selection(directory.path() / "s.json");
  if (read) FAIL("it was read");
  Error error = read.error();
  error.message.erase(0, error.message.find("s.json"));
  return error;
}

}  // namespace

TEST_CASE("a selection is read as it was written") {
  const auto directory = TemporaryDirectory::create().value();
  REQUIRE(write_file(directory.path() / "s.json", dump_json_pretty(to_json(example_selection()))));
  const auto read = read_selection(directory.path() / "s.json");
  if (!read) FAIL(read.error().message);
  CHECK(to_json(*read) == to_json(example_selection()));
  CHECK(read->tests[0].id == "test/test_b.py::B::test_x");
  CHECK(read->tests[0].breadth == Breadth::operators);
  CHECK(read->totals.excluded.at("training") == 6);
  CHECK(read->tests[0].cases == 4800);
  CHECK(read->tests[1].cases == 0);
  CHECK(read->files == example_selection().files);
}

TEST_CASE("the selection document matches the schema") {
  CHECK(schema_violations(to_json(example_selection()), "selection") == "");
  nlohmann::json wrong = to_json(example_selection());
  wrong["fraction"] = 2;
  CHECK(schema_violations(wrong, "selection") != "");
  wrong = to_json(example_selection());
  wrong["tests"][0].erase("id");
  CHECK(schema_violations(wrong, "selection") != "");
}

TEST_CASE("the inventory document matches the schema") {
  const Inventory inventory = inventory_of({{"test/test_a.py", "class T(TestCase):\n  def test_x(self): pass\n"},
                                            {"test/test_b.py", "def test_y(:\n"},
                                            {"test/test_c.py", "class T(TestCase): pass\nsetattr(T, n, f)\n"}});
  CHECK(schema_violations(to_json(inventory), "inventory") == "");
  nlohmann::json wrong = to_json(inventory);
  wrong.erase("totals");
  CHECK(schema_violations(wrong, "inventory") != "");
}

TEST_CASE("errors in a selection document are named") {
  CHECK(after([](auto& d) { d.erase("tests"); }).message == "s.json: \"tests\" is missing");
  CHECK(after([](auto& d) { d["stage"] = 1; }).message == "s.json: \"stage\" is not a text");
  CHECK(after([](auto& d) { d["tests"][1]["id"] = 7; }).message == "s.json: \"tests[].id\" is not a text");
  CHECK(after([](auto& d) { d["tests"][1] = "x"; }).message == "s.json: \"tests\" has an item that is not a map");
  CHECK(after([](auto& d) { d["generators"][0] = 7; }).message ==
        "s.json: \"generators\" has an item that is not a text");
  CHECK(after([](auto& d) { d["totals"]["in_scope"] = -1; }).message == "s.json: \"totals.in_scope\" is not a count");
  CHECK(after([](auto& d) { d["totals"]["excluded"]["gpu"] = "x"; }).message ==
        "s.json: \"totals.excluded.gpu\" is not a count");
  CHECK(after([](auto& d) { d["tests"][0]["cases"] = -1; }).message == "s.json: \"tests[].cases\" is not a count");
  CHECK(after([](auto& d) { d["files"]["test/test_b.py"].erase("imports"); }).message ==
        "s.json: \"files.imports\" is missing");
  CHECK(after([](auto& d) { d["files"]["test/test_b.py"] = 7; }).message ==
        "s.json: \"files\" has an entry that is not a map");
  CHECK(after([](auto& d) { d["fraction"] = 1.5; }).message == "s.json: \"fraction\" is not above 0 and at most 1");
  CHECK(after([](auto& d) { d["totals"]["selected"] = 7; }).message ==
        "s.json: \"totals.selected\" is not the number of tests");
  CHECK(after([](auto& d) { d["schema"] = "spyre-ci/plan@1"; }).kind == ErrorKind::invalid);
  CHECK(after([](auto& d) { d["tests"][1].erase("id"); }).kind == ErrorKind::invalid);
}
