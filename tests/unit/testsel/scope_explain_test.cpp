// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tests/support/catch.hpp"
#include "tests/unit/testsel/made_up.hpp"

using namespace spyre;
using namespace spyre::testsel;

namespace {

const char* const source = R"(import torch
def _check(f):
    gradcheck(f)
class T(TestCase):
    @onlyCUDA
    @dtypes(torch.float)
    def test_x(self):
        _check(1)
    def test_y(self):
        torch.add(1, 2)
)";

const char* const rules = R"(
exclude:
  - {name: gradcheck, reason: training, note: checks gradients, calls: gradcheck, path: test/**}
  - {name: cuda, reason: gpu, note: needs CUDA, decorator: onlyCUDA}
)";

Explanation explained(const std::string& id) {
  return explain(inventory_of({{"test/test_a.py", source}}).files.at(0), id, scope_of(rules));
}

bool has(const Explanation& explanation, const Fact& wanted) {
  return std::any_of(explanation.facts.begin(), explanation.facts.end(), [&](const Fact& fact) {
    return fact.kind == wanted.kind && fact.text == wanted.text && fact.line == wanted.line &&
           fact.through == wanted.through;
  });
}

}  // namespace

TEST_CASE("an explanation names the rule, its reason, its place and the evidence") {
  const Decision decision = explained("test/test_a.py::T::test_x").decision;
  CHECK_FALSE(decision.in_scope);
  CHECK(decision.reason == "training");
  CHECK(decision.rule == "gradcheck");
  CHECK(decision.note == "checks gradients");
  CHECK(decision.where == "scope.yaml:3:5");
  CHECK(decision.evidence == std::vector<std::string>{"calls gradcheck in _check, line 2", "path test/test_a.py"});
}

TEST_CASE("a test without a matching rule has an explanation") {
  const Decision decision = explained("test/test_a.py::T::test_y").decision;
  CHECK(decision.in_scope);
  CHECK(decision.rule.empty());
  CHECK(decision.evidence.empty());
}

TEST_CASE("an explanation lists the facts, including those of helpers") {
  const Explanation explanation = explained("test/test_a.py::T::test_x");
  CHECK(has(explanation, {"path", "test/test_a.py", 0, ""}));
  CHECK(has(explanation, {"imports", "torch", 1, ""}));
  CHECK(has(explanation, {"class", "T", 4, ""}));
  CHECK(has(explanation, {"base", "TestCase", 4, ""}));
  CHECK(has(explanation, {"decorator", "onlyCUDA", 5, ""}));
  CHECK(has(explanation, {"decorator", "dtypes(torch.float)", 6, ""}));
  CHECK(has(explanation, {"calls", "_check", 7, ""}));
  CHECK(has(explanation, {"calls", "gradcheck", 2, "_check"}));
  CHECK_FALSE(has(explanation, {"decorator", "dtypes", 6, ""}));
}

TEST_CASE("explanations and judgements agree") {
  const Inventory inventory = inventory_of({{"test/test_a.py", source}});
  const Scope scope = scope_of(rules);
  const Rulings rulings = judge(inventory, scope);
  for (std::size_t t = 0; t < inventory.files[0].tests.size(); ++t) {
    const Explanation explanation = explain(inventory.files[0], inventory.files[0].tests[t].id, scope);
    CHECK(explanation.decision.in_scope == in_scope(scope, rulings.files[0].tests[t]));
  }
}
