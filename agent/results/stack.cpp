// SPDX-License-Identifier: Apache-2.0
#include "agent/results/stack.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/text.hpp"
#include "agent/results/fields.hpp"

namespace spyre::results {
namespace {

using json = nlohmann::json;

constexpr std::array<std::string_view, 4> match_names{"same", "unknown", "other_revision",
                                                      "other_version"};  // in the order of TorchMatch

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

// Return "2.6" for "2.6.0a0+git1a2b3c4"; no value for another format.
std::optional<std::string_view> major_and_minor(std::string_view version) {
  const auto digits = [&](std::size_t from) {
    std::size_t end = from;
    while (end < version.size() && is_digit(version[end])) ++end;
    return end;
  };
  const std::size_t dot = digits(0);
  if (dot == 0 || dot >= version.size() || version[dot] != '.') return std::nullopt;
  const std::size_t end = digits(dot + 1);
  return end == dot + 1 ? std::nullopt : std::optional(version.substr(0, end));
}

// Spaces separate the parts of a key.
std::string without_spaces(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return std::isspace(c) != 0; }, '_');
  return text;
}

const std::string& revision_or_version(const std::string& revision, const std::string& version) {
  return revision.empty() ? version : revision;
}

VersionsByName parts_of(std::string_view key) {
  VersionsByName parts;
  for (const std::string_view part : split(key, ' ')) {
    const std::size_t equals = part.find('=');
    if (equals != std::string_view::npos) parts.emplace(part.substr(0, equals), part.substr(equals + 1));
  }
  return parts;
}

json to_json(const Package& package) {
  return {{"name", package.name}, {"version", package.version}, {"git_revision", package.git_revision}};
}

json to_json(const Host& host) {
  return {{"name", host.name},   {"kernel", host.kernel},       {"architecture", host.architecture},
          {"image", host.image}, {"card_kind", host.card_kind}, {"card_addresses", host.card_addresses}};
}

// Older versions wrote neither packages nor a host.
json member(const json& value, const char* name) {
  return value.is_object() && value.contains(name) ? value.at(name) : json();
}

Result<std::vector<Package>> read_packages(const json& list) {
  std::vector<Package> packages;
  if (!list.is_array()) return packages;
  for (const json& item : list) {
    Package package;
    TRY(package.name, text_or(item, "name", {}));
    TRY(package.version, text_or(item, "version", {}));
    TRY(package.git_revision, text_or(item, "git_revision", {}));
    packages.push_back(std::move(package));
  }
  return packages;
}

Result<Host> read_host(const json& value) {
  Host host;
  if (!value.is_object()) return host;
  TRY(host.name, text_or(value, "name", {}));
  TRY(host.kernel, text_or(value, "kernel", {}));
  TRY(host.architecture, text_or(value, "architecture", {}));
  TRY(host.image, text_or(value, "image", {}));
  TRY(host.card_kind, text_or(value, "card_kind", {}));
  TRY(host.card_addresses, texts(value, "card_addresses"));
  return host;
}

}  // namespace

TorchMatch match_torch(const TorchBuild& torch, const TestedTree& tested) {
  // Builds from a tarball have the text "Unknown".
  if (is_commit_id(torch.git_revision) && is_commit_id(tested.revision)) {
    return lower(torch.git_revision) == lower(tested.revision) ? TorchMatch::same : TorchMatch::other_revision;
  }
  const auto installed = major_and_minor(torch.version);
  const auto wanted = major_and_minor(tested.version);
  return installed && wanted && *installed != *wanted ? TorchMatch::other_version : TorchMatch::unknown;
}

std::string stack_key(const Stack& stack) {
  VersionsByName parts;
  const auto add = [&](const std::string& name, std::string_view version) {
    if (!version.empty()) parts.insert_or_assign(name, without_spaces(std::string(version)));
  };
  add("torch", revision_or_version(stack.torch.git_revision, stack.torch.version));
  for (const Package& package : stack.packages) {
    add(package.name, revision_or_version(package.git_revision, package.version));
  }
  add("python", major_and_minor(stack.python).value_or(std::string_view(stack.python)));
  add("architecture", stack.host.architecture);
  add("cards", stack.host.card_kind);
  for (const auto& [name, version] : stack.given) add(name, version);
  if (!parts.contains("torch")) return {};
  std::string key;
  for (const auto& [name, version] : parts) {
    key += (key.empty() ? "" : " ") + name + "=" + version;
  }
  return key;
}

std::vector<StackChange> stack_changes(std::string_view key_before, std::string_view key_after) {
  std::vector<StackChange> changes;
  if (key_before.empty() || key_after.empty()) return changes;
  const auto before = parts_of(key_before), after = parts_of(key_after);
  std::set<std::string> names;
  for (const auto* parts : {&before, &after}) {
    for (const auto& [name, version] : *parts) names.insert(name);
  }
  const auto version_in = [](const VersionsByName& parts, const std::string& name) {
    const auto found = parts.find(name);
    return found == parts.end() ? std::string() : found->second;
  };
  for (const std::string& name : names) {
    StackChange change{name, version_in(before, name), version_in(after, name)};
    if (change.before != change.after) changes.push_back(std::move(change));
  }
  return changes;
}

Result<VersionsByName> parse_stack_items(const std::vector<std::string>& items) {
  constexpr std::size_t longest = 200;
  constexpr std::string_view name_characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  VersionsByName given;
  for (const std::string& item : items) {
    const std::size_t equals = std::min(item.find('='), item.size());
    const std::string name = item.substr(0, equals), version = item.substr(std::min(equals + 1, item.size()));
    const bool is_plain = std::ranges::all_of(version, [](unsigned char c) { return std::isgraph(c) != 0; });
    if (name.empty() || version.empty() || !is_plain || item.size() > longest ||
        name.find_first_not_of(name_characters) != std::string::npos) {
      return fail(ErrorKind::usage, fmt::format("invalid --stack '{}'", shorten(valid_utf8(item), longest)),
                  "NAME=VERSION without spaces, for example --stack firmware=1.2.3");
    }
    if (!given.emplace(name, version).second) {
      return fail(ErrorKind::usage, fmt::format("--stack names '{}' twice", name));
    }
  }
  return given;
}

json to_json(const Stack& stack) {
  const auto match = static_cast<std::size_t>(match_torch(stack.torch, stack.tested));
  json packages = json::array();
  for (const Package& package : stack.packages) packages.push_back(to_json(package));
  return {{"python", stack.python},
          {"pytest", stack.pytest},
          {"torch", {{"version", stack.torch.version}, {"git_revision", stack.torch.git_revision}}},
          {"tested", {{"revision", stack.tested.revision}, {"version", stack.tested.version}}},
          {"torch_match", match_names[match]},
          {"packages", std::move(packages)},
          {"given", stack.given},
          {"host", to_json(stack.host)},
          {"key", stack_key(stack)}};
}

Result<Stack> read_stack(const json& value) {
  const json torch = member(value, "torch");
  const json tested = member(value, "tested");
  const json given = member(value, "given");
  Stack stack;
  TRY(stack.python, text_or(value, "python", {}));
  TRY(stack.pytest, text_or(value, "pytest", {}));
  TRY(stack.torch.version, text_or(torch, "version", {}));
  TRY(stack.torch.git_revision, text_or(torch, "git_revision", {}));
  TRY(stack.tested.revision, text_or(tested, "revision", {}));
  TRY(stack.tested.version, text_or(tested, "version", {}));
  TRY(stack.packages, read_packages(member(value, "packages")));
  TRY(stack.host, read_host(member(value, "host")));
  if (given.is_object()) {
    for (const auto& [name, ignored] : given.items()) {
      TRY(stack.given[name], text_or(given, name, {}));
    }
  }
  return stack;
}

}  // namespace spyre::results
