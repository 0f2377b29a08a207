// SPDX-License-Identifier: Apache-2.0
// Scope rules as sets of conditions.
#pragma once

#include <array>
#include <vector>

#include "testsel/scope.hpp"
#include "testsel/scope_facts.hpp"
#include "testsel/scope_patterns.hpp"

namespace spyre::testsel {

struct Scope::Compiled {
  // The conditions that a rule needs, and those that prevent it.
  struct Needs {
    Conditions all_of;
    Conditions none_of;
    bool met_by(const Conditions& conditions) const {
      return (conditions & all_of) == all_of && (conditions & none_of).none();
    }
  };

  Compiled();
  std::vector<Rule> rules;
  std::vector<Needs> needs;                            // by rule
  std::vector<FactKind> kinds;                         // by condition
  std::array<PatternTable, fact_names.size()> tables;  // by kind of fact

  PatternTable& table(FactKind kind) { return tables.at(static_cast<std::size_t>(kind)); }
  const PatternTable& table(FactKind kind) const { return tables.at(static_cast<std::size_t>(kind)); }
};

}  // namespace spyre::testsel
