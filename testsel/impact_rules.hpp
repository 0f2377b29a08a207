// SPDX-License-Identifier: Apache-2.0
// Hand-written rules for changed files that tests do not import: C++, generated code, data.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"

namespace spyre::testsel {

struct ImpactRule {
  std::vector<std::string> changed;  // globs over paths
  std::vector<std::string> tests;    // globs over paths of test files; empty: such a change concerns no test
  double weight = 0;                 // (0, 1); 0 when it concerns no test
  std::string note;                  // why, for people
  std::string where;                 // "pipelines/impact.yaml:12:5"

  bool concerns_nothing() const { return tests.empty(); }
  bool applies_to(std::string_view changed_path) const;
  // Return the patterns of test files for one changed file. "{name}" in them is its name in Python's style, without its
  // extension: "spectral_ops" for aten/src/ATen/native/SpectralOps.cpp.
  std::vector<std::string> tests_for(std::string_view changed_path) const;
};

// The rules of pipelines/impact.yaml, which explains how they are written.
class ImpactRules {
 public:
  // Parse the rules. `origin` names the text in errors. Error: config, "file:line:column: …".
  static Result<ImpactRules> parse(std::string_view text, std::string_view origin);
  const std::vector<ImpactRule>& all() const { return m_rules; }
  // Return the rule by which a change of this file concerns no test, which no other rule can overrule; nullptr if there
  // is none.
  const ImpactRule* why_nothing(std::string_view changed_path) const;

 private:
  std::vector<ImpactRule> m_rules;
};

}  // namespace spyre::testsel
