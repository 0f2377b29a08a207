// SPDX-License-Identifier: Apache-2.0
#include "testsel/impact_rules.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/core/yaml.hpp"

namespace spyre::testsel {
namespace {

constexpr std::string_view placeholder = "{name}";
constexpr double largest_weight = 0.99;  // a rule of 1 would leave no room for an order

Result<const Yaml*> need(const Yaml& node, std::string_view key) {
  if (const Yaml* value = node.find(key)) return value;
  return node.error(fmt::format("a rule needs the key '{}'", key));
}

Result<std::vector<std::string>> read_globs(const Yaml& node) {
  TRY(std::vector<std::string> globs, node.as_strings());
  for (const std::string& glob : globs) {
    if (glob.empty()) return node.error("a pattern is empty");
  }
  return globs;
}

Result<ImpactRule> read_rule(const Yaml& node) {
  if (node.kind() != Yaml::Kind::map) return node.error("expected a rule, {changed: …, tests: …, weight: …, note: …}");
  CHECK_OK(node.check_keys({"changed", "tests", "weight", "note"}));
  ImpactRule rule;
  rule.where = node.where();
  TRY(const Yaml* changed, need(node, "changed"));
  TRY(rule.changed, read_globs(*changed));
  if (rule.changed.empty()) return changed->error("a rule needs a pattern of changed files");
  TRY(const Yaml* tests, need(node, "tests"));
  TRY(rule.tests, read_globs(*tests));
  TRY(const Yaml* note, need(node, "note"));
  TRY(rule.note, note->as_string());
  const Yaml* weight = node.find("weight");
  if (rule.concerns_nothing()) {
    if (weight != nullptr) return weight->error("a rule without tests has no weight");
    return rule;
  }
  TRY(weight, need(node, "weight"));
  TRY(rule.weight, weight->as_number(0, largest_weight));
  if (rule.weight == 0)
    return weight->error("a weight of 0 says nothing", "write `tests: []` for a file without tests");
  return rule;
}

bool is(int (*kind)(int), char c) {
  return kind(static_cast<unsigned char>(c)) != 0;
}

// Return "spectral_ops" for "SpectralOps".
std::string snake_case(std::string_view path) {
  std::string_view name = path.substr(path.rfind('/') + 1);
  name = name.substr(0, name.find('.'));
  std::string snake;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (is(std::isupper, name[i]) && i > 0 && is(std::islower, name[i - 1])) snake += '_';
    snake += static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
  }
  return snake;
}

// Characters of a name that are special in a pattern match any one character.
std::string as_literal(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '*' || c == '['; }, '?');
  return text;
}

}  // namespace

bool ImpactRule::applies_to(std::string_view changed_path) const {
  return std::any_of(changed.begin(), changed.end(),
                     [&](const std::string& glob) { return glob_match(glob, changed_path); });
}

std::vector<std::string> ImpactRule::tests_for(std::string_view changed_path) const {
  std::vector<std::string> globs = tests;
  const std::string name = as_literal(snake_case(changed_path));
  for (std::string& glob : globs) {
    for (std::size_t at = glob.find(placeholder); at != std::string::npos;
         at = glob.find(placeholder, at + name.size())) {
      glob.replace(at, placeholder.size(), name);
    }
  }
  return globs;
}

Result<ImpactRules> ImpactRules::parse(std::string_view text, std::string_view origin) {
  TRY(const Yaml root, Yaml::parse(text, origin));
  if (root.kind() != Yaml::Kind::map) return root.error("expected 'rules', a list of rules");
  CHECK_OK(root.check_keys({"rules"}));
  const Yaml* list = root.find("rules");
  if (list == nullptr || list->kind() != Yaml::Kind::list) {
    return (list == nullptr ? root : *list).error("expected 'rules', a list of rules");
  }
  ImpactRules rules;
  for (const Yaml& node : list->items()) {
    TRY(ImpactRule rule, read_rule(node));
    rules.m_rules.push_back(std::move(rule));
  }
  return rules;
}

const ImpactRule* ImpactRules::why_nothing(std::string_view changed_path) const {
  const auto found = std::find_if(m_rules.begin(), m_rules.end(), [&](const ImpactRule& rule) {
    return rule.concerns_nothing() && rule.applies_to(changed_path);
  });
  return found == m_rules.end() ? nullptr : &*found;
}

}  // namespace spyre::testsel
