// SPDX-License-Identifier: Apache-2.0
#include "agent/core/files.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/project.hpp"
#include "tests/unit/testsel/made_up.hpp"

using namespace spyre;
using namespace spyre::testsel;

TEST_CASE("a scope without rules includes everything") {
  CHECK(scope_of("").rules().empty());
  CHECK(scope_of("exclude: []").rules().empty());
}

TEST_CASE("rules that include come first, the others in the order of the file") {
  const Scope scope = scope_of(R"(
exclude:
  - {name: cuda, reason: gpu, note: needs CUDA, decorator: onlyCUDA}
  - {name: optim, reason: training, note: optimizers, path: "test/*optim*.py"}
include:
  - {name: gate, note: the Spyre team gates on it, id: "test/a.py::T::test_x"}
)");
  REQUIRE(scope.rules().size() == 3);
  CHECK(scope.rules()[0].name == "gate");
  CHECK(scope.rules()[0].includes());
  CHECK(scope.rules()[1].name == "cuda");
  CHECK(scope.rules()[1].reason == "gpu");
  CHECK(scope.rules()[1].note == "needs CUDA");
  CHECK(scope.rules()[1].where == "scope.yaml:3:5");
  CHECK(scope.rules()[2].name == "optim");
}

TEST_CASE("errors in scope rules are reported with their place") {
  CHECK(scope_error("excluded: []") == "scope.yaml:1:1: unknown key 'excluded'; did you mean 'exclude'?");
  CHECK(scope_error("exclude: 7") == "scope.yaml:1:10: expected a list of rules, each starting with '- name:'");
  CHECK(scope_error("exclude:\n  - {name: a, reason: gpu, note: n, decorater: x}") ==
        "scope.yaml:2:37: unknown key 'decorater'; did you mean 'decorator'?");
  CHECK(scope_error("exclude:\n  - {name: a, note: n, decorator: x}") == "scope.yaml:2:5: a rule needs a reason");
  CHECK(scope_error("exclude:\n  - {reason: gpu, note: n, decorator: x}") == "scope.yaml:2:5: a rule needs a name");
  CHECK(scope_error("exclude:\n  - {name: a, reason: gpu, decorator: x}") == "scope.yaml:2:5: a rule needs a note");
  CHECK(scope_error("include:\n  - {name: a, reason: gpu, note: n, path: x}") ==
        "scope.yaml:2:15: unknown key 'reason'");
  CHECK(scope_error("exclude:\n  - {name: a, reason: gpu, note: n}") ==
        "scope.yaml:2:5: the rule 'a' has no condition");
  CHECK(scope_error("exclude:\n  - {name: a, reason: gpu, note: n, test: []}") ==
        "scope.yaml:2:43: expected a pattern or a list of patterns");
  CHECK(scope_error("exclude:\n  - {name: a, reason: gpu, note: n, test: ''}") ==
        "scope.yaml:2:43: an empty pattern matches nothing");
  CHECK(scope_error(
            "exclude:\n  - {name: a, reason: gpu, note: n, test: x}\n  - {name: a, reason: gpu, note: n, test: y}") ==
        "scope.yaml:3:5: there is another rule with the name 'a'");
}

TEST_CASE("an invalid pattern is reported with its place") {
  CHECK(scope_error("exclude:\n  - name: a\n    reason: gpu\n    note: n\n    test: [ok, 're:x(']") ==
        "scope.yaml:5:16: invalid regular expression 'x(': missing ): x(");
  CHECK(scope_error("exclude:\n  - {name: a, reason: gpu, note: n, path: 'test/[ab'}") ==
        "scope.yaml:2:43: the pattern 'test/[ab' has a '[' without its ']'");
}

TEST_CASE("too many rules are refused, not ignored") {
  std::string text = "exclude:\n";
  for (int i = 0; i < 600; ++i) {
    text += "  - {name: r" + std::to_string(i) + ", reason: gpu, note: n, test: x" + std::to_string(i) + "}\n";
  }
  CHECK(scope_error(text) == "scope.yaml:514:40: more than 512 conditions");
}

TEST_CASE("the embedded rules are valid") {
  const auto scope = Scope::parse(read_file(test::project() / "pipelines/scope.yaml").value(), "pipelines/scope.yaml");
  if (!scope) FAIL(scope.error().message);
  CHECK(scope->rules().size() > 5);
}
