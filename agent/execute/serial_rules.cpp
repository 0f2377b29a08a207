// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/serial_rules.hpp"

#include <algorithm>

#include "agent/core/text.hpp"
#include "agent/core/yaml.hpp"

namespace spyre::execute {

Result<SerialRules> SerialRules::parse(std::string_view text, std::string_view origin) {
  TRY(const Yaml document, Yaml::parse(text, origin));
  CHECK_OK(document.check_keys({"serial"}));
  SerialRules rules;
  if (const Yaml* list = document.find("serial")) {
    TRY(rules.m_patterns, list->as_strings());
  }
  return rules;
}

bool SerialRules::contains(std::string_view unit) const {
  return std::ranges::any_of(m_patterns, [&](const std::string& pattern) { return glob_match(pattern, unit); });
}

}  // namespace spyre::execute
