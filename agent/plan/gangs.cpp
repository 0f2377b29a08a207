// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/gangs.hpp"

#include <algorithm>
#include <cctype>

#include "agent/cards/card.hpp"
#include "agent/core/text.hpp"
#include "agent/core/yaml.hpp"

namespace spyre::plan {
namespace {

using testsel::python::Decorator;

constexpr std::string_view digits = "0123456789";

Result<GangRule> parse_rule(const Yaml& entry) {
  CHECK_OK(entry.check_keys({"tests", "decorator", "cards"}));
  GangRule rule;
  if (const Yaml* tests = entry.find("tests")) {
    TRY(rule.tests, tests->as_string());
  }
  if (const Yaml* decorator = entry.find("decorator")) {
    TRY(rule.decorator, decorator->as_string());
  }
  const Yaml* cards = entry.find("cards");
  if (cards == nullptr) return entry.error("a rule needs 'cards': how many, or 'argument'");
  if (cards->kind() == Yaml::Kind::scalar && cards->text() == "argument") {
    if (rule.decorator.empty()) return cards->error("'argument' requires a 'decorator'");
    return rule;
  }
  TRY(const std::int64_t count, cards->as_int(1, cards::max_cards));
  rule.cards = static_cast<int>(count);
  if (rule.tests.empty() && rule.decorator.empty()) return entry.error("a rule needs 'tests' or 'decorator'");
  return rule;
}

// Return the first number that stands alone: 4 of "world_size=4", nothing of "rank0".
int first_number(std::string_view text) {
  for (std::size_t at = text.find_first_of(digits); at != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_not_of(digits, at), text.size());
    const char before = at > 0 ? text[at - 1] : ' ';
    const bool alone = !std::isalnum(static_cast<unsigned char>(before)) && before != '_' && before != '.';
    const auto number = parse_count(text.substr(at, end - at), cards::max_cards);
    if (alone && number) return static_cast<int>(*number);
    at = text.find_first_of(digits, end);
  }
  return 1;
}

const Decorator* find_decorator(const testsel::Test& test, std::string_view name) {
  const auto is_named = [name](const Decorator& decorator) {
    return decorator.name.substr(decorator.name.rfind('.') + 1) == name;
  };
  const auto search = [&](const std::vector<Decorator>& decorators) -> const Decorator* {
    const auto found = std::ranges::find_if(decorators, is_named);
    return found == decorators.end() ? nullptr : &*found;
  };
  const Decorator* own = test.function != nullptr ? search(test.function->decorators) : nullptr;
  return own == nullptr && test.owner != nullptr ? search(test.owner->decorators) : own;
}

}  // namespace

Result<GangRules> GangRules::parse(std::string_view text, std::string_view origin) {
  TRY(const Yaml document, Yaml::parse(text, origin));
  if (document.kind() != Yaml::Kind::map) return document.error("expected 'gangs', a list of rules");
  CHECK_OK(document.check_keys({"gangs"}));
  const Yaml* list = document.find("gangs");
  if (list == nullptr || list->kind() != Yaml::Kind::list) return document.error("expected 'gangs', a list of rules");
  std::vector<GangRule> rules;
  for (const Yaml& entry : list->items()) {
    if (entry.kind() != Yaml::Kind::map) return entry.error("expected a rule, {tests: …, decorator: …, cards: …}");
    TRY(GangRule rule, parse_rule(entry));
    rules.push_back(std::move(rule));
  }
  return GangRules(std::move(rules));
}

int GangRules::size_of(const testsel::Test& test) const {
  for (const GangRule& rule : m_rules) {
    if (!rule.tests.empty() && !glob_match(rule.tests, test.id)) continue;
    const Decorator* decorator = rule.decorator.empty() ? nullptr : find_decorator(test, rule.decorator);
    if (!rule.decorator.empty() && decorator == nullptr) continue;
    if (rule.cards) return *rule.cards;
    if (decorator != nullptr) return std::max(1, first_number(decorator->arguments));
  }
  return 1;
}

std::unordered_map<std::string, int> GangRules::sizes(const testsel::Inventory& inventory) const {
  std::unordered_map<std::string, int> sizes;
  for (const testsel::TestFile& file : inventory.files) {
    for (const testsel::Test& test : file.tests) {
      if (const int size = size_of(test); size > 1) sizes.emplace(test.id, size);
    }
  }
  return sizes;
}

}  // namespace spyre::plan
