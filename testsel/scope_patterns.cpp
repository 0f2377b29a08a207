// SPDX-License-Identifier: Apache-2.0
#include "testsel/scope_patterns.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <re2/re2.h>
#include <re2/set.h>

#include "agent/core/hash.hpp"

namespace spyre::testsel {
namespace {

constexpr std::string_view regex_mark = "re:";

RE2::Options options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  options.set_max_mem(std::int64_t{64} << 20);  // of a set's automaton, which is built lazily
  return options;
}

// RE2 has a string_view of its own, which since 2023 does not convert from the standard one.
re2::StringPiece as_re2(std::string_view text) {
  return {text.data(), text.size()};
}

// Remove "[a-z]" or "[!a-z]" from the start of `pattern` and return it as a regular expression; empty if it is not
// closed.
std::string take_set(std::string_view& pattern) {
  const bool negated = pattern.size() > 1 && (pattern[1] == '!' || pattern[1] == '^');
  const std::size_t first = negated ? 2 : 1;
  const std::size_t close = pattern.find(']', first + 1);
  if (close == std::string_view::npos) return {};
  std::string set = negated ? "[^" : "[";
  for (const char c : pattern.substr(first, close - first)) {
    if (c == '\\' || c == '[' || c == ']' || c == '^') set += '\\';
    set += c;
  }
  pattern.remove_prefix(close + 1);
  return set + "]";
}

// Not glob_match: RE2::Set finds all matching patterns of a scope in one pass over the text.
Result<std::string> glob_to_regex(std::string_view glob, Glob kind) {
  const std::string_view any = kind == Glob::path ? "[^/]" : ".";
  std::string regex = kind == Glob::path ? "^" : R"((?:^|\.))";
  for (std::string_view rest = glob; !rest.empty();) {
    if (kind == Glob::path && rest.starts_with("**/")) {
      regex += "(?:.*/)?";
      rest.remove_prefix(3);
    } else if (rest.starts_with("**")) {
      regex += ".*";
      rest.remove_prefix(2);
    } else if (rest[0] == '[') {
      const std::string set = take_set(rest);
      if (set.empty()) return fail(ErrorKind::config, fmt::format("the pattern '{}' has a '[' without its ']'", glob));
      regex += set;
    } else {
      if (rest[0] == '*') {
        regex += fmt::format("{}*", any);
      } else if (rest[0] == '?') {
        regex += any;
      } else {
        regex += RE2::QuoteMeta(as_re2(rest.substr(0, 1)));
      }
      rest.remove_prefix(1);
    }
  }
  return regex + "$";
}

}  // namespace

struct PatternTable::Compiled {
  Glob glob;
  RE2::Set set{options(), RE2::UNANCHORED};
  std::vector<std::size_t> condition_of;  // by the pattern's index in `set`
};

PatternTable::PatternTable(Glob glob) : m_compiled(std::make_unique<Compiled>()) {
  m_compiled->glob = glob;
}
PatternTable::PatternTable(PatternTable&&) noexcept = default;
PatternTable& PatternTable::operator=(PatternTable&&) noexcept = default;
PatternTable::~PatternTable() = default;

Result<void> PatternTable::add(std::string_view pattern, std::size_t condition) {
  std::string regex(pattern);
  if (pattern.starts_with(regex_mark)) {
    regex.erase(0, regex_mark.size());
  } else {
    TRY(regex, glob_to_regex(pattern, m_compiled->glob));
  }
  if (pattern.empty() || regex.empty()) return fail(ErrorKind::config, "an empty pattern matches nothing");
  std::string why;
  if (m_compiled->set.Add(regex, &why) < 0) {
    return fail(ErrorKind::config, fmt::format("invalid regular expression '{}': {}", regex, why),
                "the syntax is RE2's: https://github.com/google/re2/wiki/Syntax");
  }
  m_compiled->condition_of.push_back(condition);
  return {};
}

void PatternTable::compile() {
  if (!empty()) m_compiled->set.Compile();
}

bool PatternTable::empty() const {
  return m_compiled->condition_of.empty();
}

Conditions PatternTable::match(std::string_view text) const {
  Conditions conditions;
  if (empty()) return conditions;
  std::vector<int> matched;
  m_compiled->set.Match(as_re2(text), &matched);
  for (const int pattern : matched) conditions.set(m_compiled->condition_of[static_cast<std::size_t>(pattern)]);
  return conditions;
}

Conditions PatternMemo::match(std::string_view text) {
  if (m_table->empty()) return {};
  if (2 * m_known.size() >= m_slots.size()) grow();
  const std::uint64_t hash = stable_hash(text);
  const std::size_t mask = m_slots.size() - 1;
  std::size_t slot = hash & mask;
  for (; m_slots[slot] != 0; slot = (slot + 1) & mask) {
    const Known& known = m_known[m_slots[slot] - 1];
    if (known.hash == hash && known.text == text) return m_answers[known.answer];
  }
  const Conditions found = m_table->match(text);
  m_known.push_back({.hash = hash, .text = std::string(text), .answer = found.none() ? 0 : m_answers.size()});
  m_slots[slot] = static_cast<std::uint32_t>(m_known.size());
  if (found.any()) m_answers.push_back(found);
  return found;
}

void PatternMemo::grow() {
  m_slots.assign(std::max<std::size_t>(1024, 2 * m_slots.size()), 0);
  const std::size_t mask = m_slots.size() - 1;
  for (std::size_t i = 0; i < m_known.size(); ++i) {
    std::size_t slot = m_known[i].hash & mask;
    while (m_slots[slot] != 0) slot = (slot + 1) & mask;
    m_slots[slot] = static_cast<std::uint32_t>(i + 1);
  }
}

}  // namespace spyre::testsel
