// SPDX-License-Identifier: Apache-2.0
#include "testsel/scope_report.hpp"

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/json_schema.hpp"
#include "tests/unit/testsel/made_up.hpp"

using namespace spyre;
using namespace spyre::testsel;

namespace {

ScopeReport example() {
  const char* const text =
      "class T(TestCase):\n  @onlyCUDA\n  def test_x(self): pass\n  def test_y(self): backward()\n"
      "  def test_z(self): pass\n";
  return report_scope(
      inventory_of({{"test/test_a.py", text}, {"test/nn/test_b.py", text}, {"test/nn/deep/test_c.py", text}}),
      scope_of(R"(
exclude:
  - {name: cuda, reason: gpu, note: n, decorator: onlyCUDA}
  - {name: backward, reason: training, note: n, calls: backward}
  - {name: deep, reason: training, note: n, path: test/nn/deep/**}
  - {name: never, reason: training, note: n, calls: nothing}
)"));
}

}  // namespace

TEST_CASE("a report counts by reason, by directory and by rule") {
  const ScopeReport report = example();
  CHECK(report.total.tests == 9);
  CHECK(report.total.in_scope == 2);
  CHECK(report.total.excluded == std::map<std::string, std::size_t>{{"gpu", 3}, {"training", 4}});
  REQUIRE(report.directories.size() == 2);
  CHECK(report.directories[0].path == "test");
  CHECK(report.directories[0].counts.tests == 3);
  CHECK(report.directories[1].path == "test/nn");
  CHECK(report.directories[1].counts.tests == 6);
  CHECK(report.directories[1].counts.in_scope == 1);
  CHECK(report.rules[0].decides == 3);
  CHECK(report.rules[1].decides == 3);
  CHECK(report.rules[2].applies == 3);
  CHECK(report.rules[2].decides == 1);
}

TEST_CASE("rules that apply to nothing are reported") {
  const auto idle = example().idle();
  REQUIRE(idle.size() == 1);
  CHECK(idle[0].name == "never");
  CHECK(as_text(example()).find("rule 'never' applies to nothing (scope.yaml:6:5)") != std::string::npos);
}

TEST_CASE("the report document matches the schema") {
  CHECK(schema_violations(to_json(example()), "scope-report") == "");
  nlohmann::json wrong = to_json(example());
  wrong["totals"].erase("excluded");
  CHECK(schema_violations(wrong, "scope-report") != "");
}
