// SPDX-License-Identifier: Apache-2.0
// Small inventories and scopes, made from text.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/catch.hpp"
#include "testsel/inventory.hpp"
#include "testsel/scope.hpp"

namespace spyre::testsel {

// Return the inventory of a tree with these files and the files that make a tree PyTorch's.
inline Inventory inventory_of(std::vector<MemoryTree::File> files) {
  files.push_back({"torch/__init__.py", ""});
  auto inventory = read_inventory(MemoryTree(std::move(files), "0123456789012345678901234567890123456789"));
  if (!inventory) FAIL(inventory.error().message);
  return std::move(*inventory);
}

inline Scope scope_of(std::string_view text) {
  auto scope = Scope::parse(text, "scope.yaml");
  if (!scope) FAIL(scope.error().message);
  return std::move(*scope);
}

// Return the error of invalid rules: "scope.yaml:1:2: why".
inline std::string scope_error(std::string_view text) {
  const auto scope = Scope::parse(text, "scope.yaml");
  return scope ? "no error" : scope.error().message;
}

// Return the decision about one test: "training by rule-name", "in scope", or "in scope by rule-name".
inline std::string ruling_on(const Inventory& inventory, const Scope& scope, std::string_view id) {
  const Rulings rulings = judge(inventory, scope);
  const auto words = [&](int ruling) -> std::string {
    if (ruling == Rulings::no_rule) return "in scope";
    const Scope::Rule& rule = scope.rules()[static_cast<std::size_t>(ruling)];
    return (rule.includes() ? "in scope" : rule.reason) + " by " + rule.name;
  };
  for (std::size_t f = 0; f < inventory.files.size(); ++f) {
    const TestFile& file = inventory.files[f];
    for (std::size_t t = 0; t < file.tests.size(); ++t) {
      if (file.tests[t].id == id) return words(rulings.files[f].tests[t]);
    }
    for (std::size_t g = 0; g < file.generators.size(); ++g) {
      if (file.generators[g] == id) return words(rulings.files[f].generators[g]);
    }
  }
  return "no such test";
}

}  // namespace spyre::testsel
