// SPDX-License-Identifier: Apache-2.0
#include "agent/relay/raw_json.hpp"

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "agent/core/text.hpp"

namespace spyre::relay {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Walks over text that is known to be valid JSON.
class Walker {
 public:
  explicit Walker(std::string_view text) : m_text(text) {}

  char look() const { return m_at < m_text.size() ? m_text[m_at] : '\0'; }
  void step() { ++m_at; }
  void skip_space() {
    while (is_space(look())) ++m_at;
  }

  // Including both quotes.
  std::string_view string() {
    const std::size_t start = m_at++;
    while (m_at < m_text.size() && look() != '"') m_at += look() == '\\' ? 2 : 1;
    ++m_at;
    return m_text.substr(start, m_at - start);
  }

  std::string_view value() {
    if (look() == '"') return string();
    const std::size_t start = m_at;
    if (look() == '{' || look() == '[') {
      nested();
    } else {
      while (m_at < m_text.size() && !is_space(look()) && look() != ',' && look() != '}') ++m_at;
    }
    return m_text.substr(start, m_at - start);
  }

 private:
  void nested() {
    std::size_t depth = 0;
    do {
      const char c = look();
      if (c == '"') {
        string();
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++m_at;
    } while (depth > 0 && m_at < m_text.size());
  }

  std::string_view m_text;
  std::size_t m_at = 0;
};

Result<void> check_valid(std::string_view text, std::string_view origin, const JsonLimits& limits) {
  if (text.size() > limits.bytes) {
    return fail(ErrorKind::invalid,
                fmt::format("{}: {} bytes exceed the limit of {}", origin, text.size(), format_size(limits.bytes)));
  }
  if (deepest_nesting(text) > limits.depth) {
    return fail(ErrorKind::invalid, fmt::format("{}: nested deeper than {} levels", origin, limits.depth));
  }
  // nlohmann/json treats NUL as the end of the text, and would ignore everything after it.
  if (text.find('\0') == std::string_view::npos && nlohmann::json::accept(text)) return {};
  TRY(const auto never, parse_json(text, origin));  // for the position of the error
  return fail(ErrorKind::invalid, fmt::format("{}: this is not valid JSON", origin));
}

}  // namespace

Result<std::vector<RawMember>> split_object(std::string_view text, std::string_view origin, const JsonLimits& limits) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  CHECK_OK(check_valid(text, origin, limits));
  Walker walker(text);
  walker.skip_space();
  if (walker.look() != '{') return fail(ErrorKind::invalid, fmt::format("{}: this is not a JSON object", origin));
  std::vector<RawMember> members;
  std::unordered_set<std::string> names;
  while (true) {
    walker.step();  // '{' or ','
    walker.skip_space();
    if (walker.look() == '}') return members;  // an empty object
    RawMember member;
    member.name = nlohmann::json::parse(walker.string()).get<std::string>();
    walker.skip_space();
    walker.step();  // ':'
    walker.skip_space();
    member.value = walker.value();
    walker.skip_space();
    if (!names.insert(member.name).second) {
      return fail(ErrorKind::invalid, fmt::format("{}: \"{}\" occurs twice", origin, shorten(member.name, 100)),
                  "readers do not agree on which of the two counts");
    }
    members.push_back(std::move(member));
    if (walker.look() != ',') return members;
  }
}

const RawMember* find_member(const std::vector<RawMember>& members, std::string_view name) {
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const RawMember& member) { return member.name == name; });
  return found == members.end() ? nullptr : &*found;
}

std::string with_member(std::string_view object, std::string_view name, std::string_view value) {
  const std::size_t end = object.rfind('}');
  std::string_view before = object.substr(0, end);
  const bool is_empty = trim(before) == "{";
  return fmt::format("{}{}\"{}\":{}}}", before, is_empty ? "" : ",", name, value);
}

}  // namespace spyre::relay
