// SPDX-License-Identifier: Apache-2.0
#include "testsel/impact_rules.hpp"

#include "agent/core/files.hpp"
#include "agent/core/text.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/project.hpp"

using namespace spyre;
using namespace spyre::testsel;

namespace {

std::string rules_error(std::string_view text) {
  const auto rules = ImpactRules::parse(text, "impact.yaml");
  return rules ? "no error" : rules.error().message;
}

// Whether a rule of pipelines/impact.yaml leads from a changed file to a test file.
bool leads(const ImpactRules& rules, std::string_view changed, std::string_view test) {
  return std::ranges::any_of(rules.all(), [&](const ImpactRule& rule) {
    const auto globs = rule.tests_for(changed);
    return rule.applies_to(changed) &&
           std::ranges::any_of(globs, [&](const std::string& glob) { return glob_match(glob, test); });
  });
}

ImpactRules embedded() {
  auto rules =
      ImpactRules::parse(read_file(test::project() / "pipelines/impact.yaml").value(), "pipelines/impact.yaml");
  if (!rules) FAIL(rules.error().message);
  return std::move(*rules);
}

}  // namespace

TEST_CASE("the rules connect C++ and generated code with tests") {
  const ImpactRules rules = embedded();
  CHECK(leads(rules, "aten/src/ATen/native/AdaptiveMaxPooling2d.cpp", "test/nn/test_pooling.py"));
  CHECK(leads(rules, "aten/src/ATen/native/cpu/MaxPoolKernel.cpp", "test/nn/test_pooling.py"));
  CHECK(leads(rules, "aten/src/ATen/native/SpectralOps.cpp", "test/test_spectral_ops.py"));
  CHECK(leads(rules, "aten/src/ATen/native/Dropout.cpp", "test/nn/test_dropout.py"));
  CHECK(leads(rules, "aten/src/ATen/native/native_functions.yaml", "test/test_native_functions.py"));
  CHECK(leads(rules, "tools/autograd/derivatives.yaml", "test/test_autograd.py"));
  CHECK(leads(rules, "torch/csrc/jit/ir/ir.cpp", "test/jit/test_slice.py"));
  CHECK(leads(rules, "torch/csrc/jit/ir/ir.cpp", "test/test_jit_string.py"));
  CHECK(leads(rules, "torch/csrc/distributed/c10d/reducer.cpp", "test/distributed/test_c10d_gloo.py"));
  CHECK(leads(rules, "c10/core/Scalar.h", "test/test_torch.py"));
  CHECK_FALSE(leads(rules, "torch/csrc/jit/ir/ir.cpp", "test/test_torch.py"));
  CHECK_FALSE(leads(rules, "torch/nn/modules/pooling.py", "test/nn/test_pooling.py"));
}

TEST_CASE("documentation and other systems' settings concern no test") {
  const ImpactRules rules = embedded();
  for (const char* path : {"README.md", "test/jit/README.md", "docs/source/nn.rst", ".github/workflows/lint.yml"}) {
    const ImpactRule* rule = rules.why_nothing(path);
    REQUIRE(rule != nullptr);
    CHECK_FALSE(rule->note.empty());
    CHECK(rule->where.starts_with("pipelines/impact.yaml:"));
  }
  CHECK(rules.why_nothing("torch/nn/modules/pooling.py") == nullptr);
  CHECK(rules.why_nothing("setup.py") == nullptr);
}

TEST_CASE("{name} is the changed file's name in Python's style") {
  const auto rules = ImpactRules::parse(
      "rules: [{changed: '**', tests: ['test/test_{name}.py', '{name}/{name}s'], weight: 0.5, note: n}]", "x");
  REQUIRE(rules);
  const auto globs = [&](std::string_view path) { return rules->all()[0].tests_for(path); };
  CHECK(globs("aten/SpectralOps.cpp") ==
        std::vector<std::string>{"test/test_spectral_ops.py", "spectral_ops/spectral_opss"});
  CHECK(globs("aten/RNN.cpp")[0] == "test/test_rnn.py");
  CHECK(globs("aten/linear.native.h")[0] == "test/test_linear.py");
  CHECK(globs("aten/[x]*.h")[0] == "test/test_?x]?.py");
}

TEST_CASE("errors in impact rules are reported with their place") {
  CHECK(rules_error("[]") == "impact.yaml:1:1: expected 'rules', a list of rules");
  CHECK(rules_error("rule: []") == "impact.yaml:1:1: unknown key 'rule'; did you mean 'rules'?");
  CHECK(rules_error("rules: x") == "impact.yaml:1:8: expected 'rules', a list of rules");
  CHECK(rules_error("rules:\n- x") == "impact.yaml:2:3: expected a rule, {changed: …, tests: …, weight: …, note: …}");
  CHECK(rules_error("rules:\n- {changed: a, tests: b, note: n}") == "impact.yaml:2:3: a rule needs the key 'weight'");
  CHECK(rules_error("rules:\n- {changed: a, weight: 0.5, note: n}") == "impact.yaml:2:3: a rule needs the key 'tests'");
  CHECK(rules_error("rules:\n- {tests: a, weight: 0.5, note: n}") == "impact.yaml:2:3: a rule needs the key 'changed'");
  CHECK(rules_error("rules:\n- {changed: a, tests: b, weight: 0.5}") == "impact.yaml:2:3: a rule needs the key 'note'");
  CHECK(rules_error("rules:\n- {changed: [], tests: b, weight: 0.5, note: n}") ==
        "impact.yaml:2:13: a rule needs a pattern of changed files");
  CHECK(rules_error("rules:\n- {changed: [''], tests: b, weight: 0.5, note: n}") ==
        "impact.yaml:2:13: a pattern is empty");
  CHECK(rules_error("rules:\n- {changed: a, tests: b, weight: 1, note: n}") ==
        "impact.yaml:2:34: expected a number from 0 to 0.99");
  CHECK(rules_error("rules:\n- {changed: a, tests: b, weight: 0, note: n}") ==
        "impact.yaml:2:34: a weight of 0 says nothing");
  CHECK(rules_error("rules:\n- {changed: a, tests: [], weight: 0.5, note: n}") ==
        "impact.yaml:2:35: a rule without tests has no weight");
  CHECK(rules_error("rules:\n- {changed: a, tests: b, wieght: 0.5, note: n}") ==
        "impact.yaml:2:26: unknown key 'wieght'; did you mean 'weight'?");
}
