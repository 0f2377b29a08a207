// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/case_chooser.hpp"

#include <set>

#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::execute;

namespace {

const std::string path = "test/test_x.py";
const MemoryTree tree(std::vector<MemoryTree::File>{{"test/test_x.py",
                                                     "class TestA(TestCase):\n"
                                                     "    def test_one(self): pass\n"
                                                     "    def test_two(self, device): pass\n"
                                                     "class TestB(TestCase):\n"
                                                     "    def test_three(self): pass\n"
                                                     "    exec('def test_made(self): pass')\n"}});

std::string id(const std::string& name) {
  return path + "::" + name;
}

plan::Batch batch(const std::string& name, const std::vector<std::string>& units, int piece = 0, int pieces = 1) {
  plan::Batch made;
  made.id = name;
  made.file = path;
  for (const std::string& unit : units) made.units.emplace_back(id(unit));
  std::sort(made.units.begin(), made.units.end());
  made.piece = piece;
  made.pieces = pieces;
  return made;
}

std::vector<std::string> ids(const std::vector<ChosenCase>& cases) {
  std::vector<std::string> names;
  for (const ChosenCase& each : cases) names.push_back(each.id.substr(path.size() + 2));
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a batch gets the cases of its units, by their position in the collection") {
  plan::Plan plan;
  plan.batches = {batch("b1", {"TestA::test_two"})};
  CaseChooser chooser(plan, tree);
  const auto chosen = chooser.choose(plan.batches[0], {id("TestA::test_one"), id("TestACPU::test_two_cpu"),
                                                       id("TestACPU::test_two_cpu"), id("TestB::test_three")});
  REQUIRE(chosen.has_value());
  REQUIRE(ids(*chosen) == Names{"TestACPU::test_two_cpu"});
  CHECK((*chosen)[0].index == 1);
  CHECK((*chosen)[0].unit == id("TestA::test_two"));
  CHECK_FALSE((*chosen)[0].generated);
}

TEST_CASE("pieces of a unit share its cases") {
  plan::Plan plan;
  for (int piece = 0; piece < 3; ++piece)
    plan.batches.push_back(batch("b" + std::to_string(piece), {"TestA::test_two"}, piece, 3));
  CaseChooser chooser(plan, tree);
  Names collected;
  for (int i = 0; i < 60; ++i) collected.push_back(id("TestACPU::test_two_cpu_" + std::to_string(i)));
  std::multiset<std::string> dealt;
  for (const plan::Batch& each : plan.batches) {
    const auto chosen = chooser.choose(each, collected);
    REQUIRE(chosen.has_value());
    CHECK(chosen->size() > 5);
    for (const ChosenCase& one : *chosen) dealt.insert(one.id);
  }
  CHECK(dealt == std::multiset<std::string>(collected.begin(), collected.end()));
}

TEST_CASE("a generated case runs with its generator, if that is planned, and with no other test") {
  plan::Plan plan;
  plan.batches = {batch("b1", {"TestB::test_three"}), batch("b2", {"TestB"})};
  CaseChooser chooser(plan, tree);
  const Names collected{id("TestB::test_made"), id("TestB::test_three")};
  CHECK(ids(*chooser.choose(plan.batches[0], collected)) == Names{"TestB::test_three"});
  CHECK(ids(*chooser.choose(plan.batches[1], collected)) == Names{"TestB::test_made"});
  CHECK((*chooser.choose(plan.batches[1], collected))[0].generated);

  plan.batches = {batch("b1", {"TestB::test_three"})};
  CHECK(ids(*CaseChooser(plan, tree).choose(plan.batches[0], collected)) == Names{"TestB::test_three"});
}

TEST_CASE("a generated case that the source does not mention runs with one test of its class") {
  plan::Plan plan;
  plan.batches = {batch("b1", {"TestA::test_two"}), batch("b2", {"TestA::test_one"}), batch("b3", {"TestB"})};
  CaseChooser chooser(plan, tree);
  const Names collected{id("TestA::test_generated"), id("TestA::test_one")};
  CHECK(chooser.choose(plan.batches[0], collected)->empty());
  CHECK(ids(*chooser.choose(plan.batches[1], collected)) == Names{"TestA::test_generated", "TestA::test_one"});
  CHECK((*chooser.choose(plan.batches[1], collected))[0].generated);
  CHECK(chooser.choose(plan.batches[2], collected)->empty());
}

TEST_CASE("a missing file is an error") {
  plan::Plan plan;
  plan.batches = {batch("b1", {})};
  plan.batches[0].file = "test/test_missing.py";
  CaseChooser chooser(plan, tree);
  CHECK(chooser.choose(plan.batches[0], {}).error().kind == ErrorKind::not_found);
}

TEST_CASE("notes on a test apply to its cases, and notes on a case to no other case") {
  plan::Plan plan;
  plan.batches = {batch("b1", {"TestA::test_one", "TestA::test_two"})};
  plan.notes.tests[id("TestA::test_one")] = {testsel::Mode::xfail, "why", {}};
  plan.notes.cases = {{"TestAPRIV", "test_two_spyre", "disabled"},
                      {"", "", "quarantined", id("TestACPU::test_two_*"), testsel::Mode::xfail}};
  CaseChooser chooser(plan, tree);
  const auto chosen = chooser.choose(
      plan.batches[0], {id("TestA::test_one"), id("TestAPRIVATEUSE1::test_two_spyre"), id("TestACPU::test_two_spyre")});
  REQUIRE(chosen);
  REQUIRE(chosen->size() == 3);
  CHECK((*chosen)[0].expectation.mode == testsel::Mode::xfail);
  CHECK((*chosen)[1].expectation == testsel::Expectation{testsel::Mode::skip, "disabled", {}});
  CHECK((*chosen)[2].expectation == testsel::Expectation{testsel::Mode::xfail, "quarantined", {}});
}
