// SPDX-License-Identifier: Apache-2.0
#include "agent/core/json.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/files.hpp"
#include "agent/core/text.hpp"

namespace spyre {

std::size_t deepest_nesting(std::string_view text) {
  std::size_t depth = 0, deepest = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      quoted = c != '"';
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

nlohmann::json parse_json_or_discard(std::string_view text) {
  if (deepest_nesting(text) > deepest_json) return nlohmann::json::value_t::discarded;
  return nlohmann::json::parse(text, nullptr, false);
}

Result<nlohmann::json> parse_json(std::string_view text, std::string_view origin) {
  if (deepest_nesting(text) > deepest_json) {
    return fail(ErrorKind::invalid, fmt::format("{}: nested deeper than {} levels", origin, deepest_json));
  }
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    const std::string_view before = text.substr(0, error.byte > 0 ? error.byte - 1 : 0);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t start = before.rfind('\n');
    const std::size_t column = before.size() - (start == std::string_view::npos ? 0 : start + 1) + 1;
    return fail(ErrorKind::invalid, fmt::format("{}:{}:{}: this is not valid JSON", origin, line, column));
  } catch (const nlohmann::json::exception& error) {
    return fail(ErrorKind::invalid, fmt::format("{}: this is not valid JSON: {}", origin, error.what()));
  }
}

std::string string_member(const nlohmann::json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() && member->is_string() ? member->get<std::string>() : std::string();
}

std::string dump_json(const nlohmann::json& document) {
  return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string dump_json_pretty(const nlohmann::json& document) {
  return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string schema_id(std::string_view name) {
  return fmt::format("spyre-ci/{}@1", name);
}

Result<nlohmann::json> read_document(const std::filesystem::path& path, std::string_view name) {
  TRY(const std::string text, read_file(path));
  TRY(nlohmann::json document, parse_json(text, path.string()));
  const std::string expected = schema_id(name);
  const auto schema = document.is_object() ? document.find("schema") : document.end();
  if (!document.is_object() || schema == document.end() || !schema->is_string()) {
    return fail(ErrorKind::invalid, fmt::format("{} is not a {} document: it has no \"schema\"", path.string(), name),
                fmt::format(R"(give a file that spyre-ci wrote, with "schema": "{}")", expected));
  }
  if (const auto& found = schema->get_ref<const std::string&>(); found != expected) {
    return fail(ErrorKind::invalid,
                fmt::format("{} has the schema '{}', expected '{}'", path.string(), shorten(found, 100), expected));
  }
  return document;
}

}  // namespace spyre
