// SPDX-License-Identifier: Apache-2.0
#include "testsel/scope.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/core/yaml.hpp"
#include "testsel/scope_rules.hpp"

namespace spyre::testsel {
namespace {

constexpr std::string_view unless_key = "unless";
constexpr std::string_view artefact_key = "artefact";

// One table for each kind of fact, in their order.
template <std::size_t... I>
std::array<PatternTable, sizeof...(I)> make_tables(std::index_sequence<I...>) {
  const auto glob_of = [](FactKind kind) {
    return kind == FactKind::path || kind == FactKind::id ? Glob::path : Glob::dotted;
  };
  return {PatternTable(glob_of(static_cast<FactKind>(I)))...};
}

std::vector<std::string> condition_keys() {
  std::vector<std::string> keys(fact_names.begin(), fact_names.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

// Return the first kind of this name.
std::optional<FactKind> kind_named(std::string_view name) {
  const auto* const found = std::find(fact_names.begin(), fact_names.end(), name);
  if (found == fact_names.end()) return std::nullopt;
  return static_cast<FactKind>(found - fact_names.begin());
}

class Parser {
 public:
  Result<void> parse(const Yaml& root) {
    if (root.kind() == Yaml::Kind::null) return {};
    CHECK_OK(root.check_keys({"include", "exclude"}));
    if (const Yaml* include = root.find("include")) CHECK_OK(parse_rules(*include, true));
    if (const Yaml* exclude = root.find("exclude")) CHECK_OK(parse_rules(*exclude, false));
    for (PatternTable& table : m_compiled.tables) table.compile();
    return {};
  }

  Scope::Compiled take() { return std::move(m_compiled); }

 private:
  Result<void> parse_rules(const Yaml& rules, bool include) {
    if (rules.kind() == Yaml::Kind::map || rules.kind() == Yaml::Kind::scalar) {
      return rules.error("expected a list of rules, each starting with '- name:'");
    }
    for (const Yaml& rule : rules.items()) CHECK_OK(parse_rule(rule, include));
    return {};
  }

  Result<void> parse_rule(const Yaml& node, bool include) {
    std::vector<std::string> keys = condition_keys();
    keys.insert(keys.end(), {"name", "note", std::string(unless_key)});
    if (!include) keys.insert(keys.end(), {"reason", std::string(artefact_key)});
    CHECK_OK(node.check_keys(keys));

    Scope::Rule rule{.name = {}, .reason = {}, .note = {}, .where = node.where(), .artefacts = {}};
    TRY(rule.name, word(node, "name"));
    TRY(rule.note, word(node, "note"));
    if (!include) {
      TRY(rule.reason, word(node, "reason"));
      TRY(rule.artefacts, artefacts(node));
    }
    const auto& known = m_compiled.rules;
    if (std::any_of(known.begin(), known.end(), [&](const Scope::Rule& other) { return other.name == rule.name; })) {
      return node.error(fmt::format("there is another rule with the name '{}'", rule.name));
    }

    Scope::Compiled::Needs needs;
    TRY(needs.all_of, parse_conditions(node));
    if (needs.all_of.none()) {
      return node.error(fmt::format("the rule '{}' has no condition", rule.name),
                        fmt::format("give it one of {}", join(condition_keys(), ", ")));
    }
    if (const Yaml* unless = node.find(unless_key)) {
      CHECK_OK(unless->check_keys(condition_keys()));
      TRY(needs.none_of, parse_conditions(*unless));
    }
    m_compiled.rules.push_back(std::move(rule));
    m_compiled.needs.push_back(needs);
    return {};
  }

  static Result<std::string> word(const Yaml& node, std::string_view key) {
    const Yaml* value = node.find(key);
    if (value == nullptr) return node.error(fmt::format("a rule needs a {}", key));
    TRY(std::string text, value->as_string());
    if (trim(text).empty()) return value->error(fmt::format("the {} is empty", key));
    return text;
  }

  static Result<std::vector<std::string>> artefacts(const Yaml& node) {
    const Yaml* value = node.find(artefact_key);
    if (value == nullptr) return std::vector<std::string>{};
    if (value->kind() != Yaml::Kind::scalar) return value->as_strings();
    TRY(std::string path, value->as_string());
    return std::vector<std::string>{std::move(path)};
  }

  // Add a condition for each key of `node` that names facts.
  Result<Conditions> parse_conditions(const Yaml& node) {
    Conditions conditions;
    for (const Yaml::Entry& entry : node.entries()) {
      const auto kind = kind_named(entry.key.text());
      if (!kind) continue;
      const std::size_t condition = m_compiled.kinds.size();
      if (condition == max_conditions) return entry.key.error(fmt::format("more than {} conditions", max_conditions));
      m_compiled.kinds.push_back(*kind);
      conditions.set(condition);
      CHECK_OK(parse_patterns(entry.value, *kind, condition));
    }
    return conditions;
  }

  Result<void> parse_patterns(const Yaml& node, FactKind kind, std::size_t condition) {
    if (node.kind() == Yaml::Kind::scalar) return add_pattern(node, kind, condition);
    if (node.items().empty()) return node.error("expected a pattern or a list of patterns");
    for (const Yaml& pattern : node.items()) CHECK_OK(add_pattern(pattern, kind, condition));
    return {};
  }

  Result<void> add_pattern(const Yaml& node, FactKind kind, std::size_t condition) {
    TRY(const std::string pattern, node.as_string());
    const bool without_arguments = !pattern.starts_with("re:") && pattern.find('(') == std::string::npos;
    if (kind == FactKind::decorator && without_arguments) kind = FactKind::decorator_name;
    auto added = m_compiled.table(kind).add(pattern, condition);
    if (!added) return node.error(added.error().message, added.error().hint);
    return {};
  }

  Scope::Compiled m_compiled;
};

}  // namespace

Scope::Compiled::Compiled() : tables(make_tables(std::make_index_sequence<fact_names.size()>{})) {}

Result<Scope> Scope::parse(std::string_view text, std::string_view origin) {
  TRY(const Yaml root, Yaml::parse(text, origin));
  Parser parser;
  CHECK_OK(parser.parse(root));
  return Scope(std::make_shared<const Compiled>(parser.take()));
}

const std::vector<Scope::Rule>& Scope::rules() const {
  return m_compiled->rules;
}

Scope Scope::with_artefacts(const std::function<bool(const std::string& path)>& is_there) const {
  Scope scope = *this;
  for (std::size_t i = 0; i < rules().size(); ++i) {
    const std::vector<std::string>& artefacts = rules()[i].artefacts;
    if (std::any_of(artefacts.begin(), artefacts.end(), is_there)) scope.m_off.insert(i);
  }
  return scope;
}

bool in_scope(const Scope& scope, int ruling) {
  return ruling == Rulings::no_rule || scope.rules().at(static_cast<std::size_t>(ruling)).includes();
}

}  // namespace spyre::testsel
