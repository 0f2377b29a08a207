// SPDX-License-Identifier: Apache-2.0
// How much of PyTorch is in scope, and which rules exclude the rest.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "testsel/inventory.hpp"
#include "testsel/scope.hpp"

namespace spyre::testsel {

struct ScopeReport {
  struct Counts {
    std::size_t tests = 0;  // = in_scope + Σ excluded
    std::size_t in_scope = 0;
    std::map<std::string, std::size_t> excluded;  // reason → count
  };
  struct Directory {
    std::string path;  // "test" for the files directly in it, "test/distributed" with everything beneath
    Counts counts;
  };
  struct RuleUse {
    Scope::Rule rule;
    std::size_t applies = 0;  // tests and generators that the rule applies to
    std::size_t decides = 0;  // tests that it is the first to apply to
  };

  std::string revision;
  Counts total;
  std::vector<Directory> directories;  // in byte order
  std::vector<RuleUse> rules;          // as in Scope::rules()

  // Return rules that apply to nothing: outdated, misspelt, or for another version of PyTorch.
  std::vector<Scope::Rule> idle() const;
};

ScopeReport report_scope(const Inventory& inventory, const Scope& scope);

// Return the document, "spyre-ci/scope-report@1".
nlohmann::json to_json(const ScopeReport& report);
// Return tables for a terminal, by reason, by directory and by rule.
std::string as_text(const ScopeReport& report);

}  // namespace spyre::testsel
