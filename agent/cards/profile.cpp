// SPDX-License-Identifier: Apache-2.0
#include "agent/cards/profile.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/core/yaml.hpp"

namespace spyre::cards {
namespace {

Result<Variables> read_variables(const Yaml& entries) {
  Variables variables;
  for (const Yaml::Entry& entry : entries.entries()) {
    TRY(variables[entry.key.text()], entry.value.as_string());
  }
  return variables;
}

constexpr std::array<std::string_view, 3> plain_names{"configured", "device", "host"};  // as in PlainTests

// The value of `inject`: {plain: configured}.
Result<PlainTests> read_inject(const Yaml& value) {
  PlainTests plain = PlainTests::configured;
  if (value.kind() != Yaml::Kind::map) return value.error("expected {plain: configured}, or device, or host");
  for (const Yaml::Entry& entry : value.entries()) {
    if (entry.key.text() != "plain") return entry.key.error("unknown key; the key of `inject` is `plain`");
    TRY(const std::string text, entry.value.as_string());
    const auto found = std::ranges::find(plain_names, text);
    if (found == plain_names.end()) return entry.value.error("expected configured, device or host");
    plain = static_cast<PlainTests>(found - plain_names.begin());
  }
  return plain;
}

// An entry that is not a variable. False: it is one.
Result<bool> read_setting(const Yaml::Entry& entry, Profile& profile) {
  const std::string key = entry.key.text();
  if (key == "capabilities" && entry.value.kind() == Yaml::Kind::list) {
    TRY(profile.capabilities, entry.value.as_strings());
  } else if (key == "isolation") {
    profile.isolation = parse_isolation(entry.value.text());
    if (!profile.isolation) return entry.value.error("expected auto, slice, test or process");
  } else if (key == "inject") {
    TRY(profile.inject, read_inject(entry.value));
  } else if (entry.value.kind() == Yaml::Kind::map) {
    TRY(Variables variables, read_variables(entry.value));
    profile.files.push_back({key, std::move(variables)});
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::string_view name(PlainTests where) {
  return plain_names[static_cast<std::size_t>(where)];
}

Result<Profile> read_profile(std::string_view text, const std::string& origin, const std::string& name) {
  TRY(const Yaml profiles, Yaml::parse(text, origin));
  if (profiles.kind() != Yaml::Kind::map) return profiles.error("expected a profile's name and its variables");
  std::vector<std::string> names;
  for (const Yaml::Entry& profile : profiles.entries()) names.push_back(profile.key.text());
  const Yaml* profile = profiles.find(name);
  if (profile == nullptr) {
    return fail(ErrorKind::config, fmt::format("{}: unknown profile '{}'{}", origin, name, did_you_mean(name, names)),
                "profiles: " + join(names, ", "));
  }
  Profile result;
  if (profile->kind() == Yaml::Kind::null) return result;
  if (profile->kind() != Yaml::Kind::map) return profile->error("expected names of variables and their values");
  for (const Yaml::Entry& entry : profile->entries()) {
    TRY(const bool is_setting, read_setting(entry, result));
    if (is_setting) continue;
    TRY(result.variables[entry.key.text()], entry.value.as_string());
  }
  return result;
}

Variables variables_of(const std::vector<FileVariables>& entries, std::string_view file) {
  Variables variables;
  for (const FileVariables& entry : entries) {
    if (!glob_match(entry.files, file)) continue;
    for (const auto& [name, value] : entry.variables) variables[name] = value;
  }
  return variables;
}

Expanded expand(const Variables& profile, const Variables& known) {
  Expanded result;
  for (const auto& [name, text] : profile) {
    std::string value;
    std::optional<std::string> missing;
    std::string_view rest = text;
    for (std::size_t start = rest.find("${"); start != std::string_view::npos; start = rest.find("${")) {
      const std::size_t end = rest.find('}', start);
      if (end == std::string_view::npos) break;
      const std::string wanted(rest.substr(start + 2, end - start - 2));
      const auto found = known.find(wanted);
      if (found == known.end()) missing = wanted;
      value += rest.substr(0, start);
      if (found != known.end()) value += found->second;
      rest.remove_prefix(end + 1);
    }
    value += rest;
    if (missing) {
      result.left_out.push_back(fmt::format("{}: {} is not set", name, *missing));
    } else {
      result.variables.emplace(name, value);
    }
  }
  return result;
}

}  // namespace spyre::cards
