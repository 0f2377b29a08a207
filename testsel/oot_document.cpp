// SPDX-License-Identifier: Apache-2.0
#include "testsel/oot_document.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "agent/core/text.hpp"
#include "agent/core/yaml.hpp"
#include "testsel/oot_config.hpp"

namespace spyre::testsel {
namespace {

using nlohmann::json;

// The keys of list items: the path for files, the name for operators and dtypes.
constexpr const char* keys_of_items[] = {"path", "name"};

json scalar(const Yaml& value) {
  if (value.quoted()) return value.text();
  const json plain = parse_json_or_discard(value.text());
  return plain.is_number() || plain.is_boolean() ? plain : json(value.text());
}

json as_json(const Yaml& value) {
  switch (value.kind()) {
    case Yaml::Kind::null:
      return nullptr;
    case Yaml::Kind::scalar:
      return scalar(value);
    case Yaml::Kind::list: {
      json list = json::array();
      for (const Yaml& item : value.items()) list.push_back(as_json(item));
      return list;
    }
    case Yaml::Kind::map: {
      json map = json::object();
      for (const Yaml::Entry& entry : value.entries()) map[entry.key.text()] = as_json(entry.value);
      return map;
    }
  }
  return nullptr;
}

std::string key_of(const json& item) {
  for (const char* key : keys_of_items) {
    if (item.is_object() && item.contains(key) && item[key].is_string()) {
      return fmt::format("{}={}", key, item[key].get_ref<const std::string&>());
    }
  }
  return {};
}

// `place` is the place in the document, `origin` the file that `other` comes from.
Result<void> unite(json& into, const json& other, const std::string& place, const std::string& origin);

Result<void> unite_lists(json& into, const json& other, const std::string& place, const std::string& origin) {
  for (const json& item : other) {
    const std::string key = key_of(item);
    const auto same = std::find_if(into.begin(), into.end(),
                                   [&](const json& each) { return key.empty() ? each == item : key_of(each) == key; });
    if (same == into.end()) {
      into.push_back(item);
    } else if (!key.empty()) {
      CHECK_OK(unite(*same, item, fmt::format("{}[{}]", place, key), origin));
    }
  }
  return {};
}

Result<void> unite(json& into, const json& other, const std::string& place, const std::string& origin) {
  if (into.is_null()) into = other;
  if (other.is_null() || into == other) return {};
  if (into.is_array() && other.is_array()) return unite_lists(into, other, place, origin);
  if (into.is_object() && other.is_object()) {
    for (const auto& [key, value] : other.items()) {
      CHECK_OK(unite(into[key], value, place.empty() ? key : place + "." + key, origin));
    }
    return {};
  }
  return fail(ErrorKind::config,
              fmt::format("{}: {} is {} here, and {} in another configuration", origin, place,
                          shorten(dump_json(other), 60), shorten(dump_json(into), 60)),
              "configurations that are used together may not contradict each other");
}

}  // namespace

Result<std::string> merged_oot_document(const std::vector<std::filesystem::path>& paths) {
  TRY(const auto files, expand_oot_paths(paths));
  json merged;
  for (const std::filesystem::path& path : files) {
    TRY(const Yaml document, Yaml::load(path));
    CHECK_OK(unite(merged, as_json(document), "", path.string()));
  }
  return dump_json_pretty(merged);
}

}  // namespace spyre::testsel
