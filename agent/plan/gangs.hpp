// SPDX-License-Identifier: Apache-2.0
// Rules that find tests which need several cards at once, from their source.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/core/result.hpp"
#include "testsel/inventory.hpp"

namespace spyre::plan {

// A rule applies to a test if all of its conditions match.
struct GangRule {
  std::string tests;         // glob over ids, "test/distributed/**"; empty: any
  std::string decorator;     // last part of the name of a decorator of the test or its class; empty: any
  std::optional<int> cards;  // empty: the first number among the decorator's arguments
};

class GangRules {
 public:
  // Parse {gangs: [{tests: GLOB, decorator: NAME, cards: N | argument}]}. `origin` names the text in errors. Error:
  // config, with file:line:column.
  static Result<GangRules> parse(std::string_view text, std::string_view origin);

  // Return the units that need more than one card, and their number of cards. The first rule that applies decides.
  std::unordered_map<std::string, int> sizes(const testsel::Inventory& inventory) const;

 private:
  explicit GangRules(std::vector<GangRule> rules) : m_rules(std::move(rules)) {}
  int size_of(const testsel::Test& test) const;
  std::vector<GangRule> m_rules;
};

}  // namespace spyre::plan
