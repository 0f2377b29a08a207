// SPDX-License-Identifier: Apache-2.0
#include "testsel/guards.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "agent/core/text.hpp"

namespace spyre::testsel {
namespace {

// Call `body` with the positions in `text` that are outside all brackets and quotes.
template <typename Body>
void for_each_outside(std::string_view text, Body body) {
  int depth = 0;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '(' || c == '[' || c == '{') {
      ++depth;
    } else if (c == ')' || c == ']' || c == '}') {
      --depth;
    } else if (depth == 0) {
      body(i);
    }
  }
}

// Split the operands of " and " or " or ".
std::vector<std::string_view> split_at(std::string_view text, std::string_view word) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  for_each_outside(text, [&](std::size_t i) {
    if (i < begin || !text.substr(i).starts_with(word)) return;
    parts.push_back(trim(text.substr(begin, i - begin)));
    begin = i + word.size();
  });
  parts.push_back(trim(text.substr(begin)));
  return parts;
}

// Remove brackets around the whole text.
std::string_view unwrapped(std::string_view text) {
  text = trim(text);
  while (text.size() > 1 && text.front() == '(' && text.back() == ')') {
    bool whole = true;
    for_each_outside(text, [&](std::size_t) { whole = false; });
    if (!whole) return text;
    text = trim(text.substr(1, text.size() - 2));
  }
  return text;
}

void add(std::string_view text, bool negated, int line, std::vector<Condition>& conditions) {
  text = unwrapped(text);
  const bool alternatives = split_at(text, " or ").size() > 1;
  const auto parts = split_at(text, negated ? " or " : " and ");
  if (parts.size() > 1 && (negated || !alternatives)) {
    for (const std::string_view part : parts) add(part, negated, line, conditions);
    return;
  }
  constexpr std::string_view inverse = "not ";
  if (text.starts_with(inverse) && !alternatives && split_at(text, " and ").size() == 1) {
    if (!negated && unwrapped(text.substr(inverse.size())) == trim(text.substr(inverse.size()))) {
      conditions.push_back({std::string(text), line});
    } else {
      add(text.substr(inverse.size()), !negated, line, conditions);
    }
    return;
  }
  const bool simple = text.find(' ') == std::string_view::npos;
  conditions.push_back(
      {!negated ? std::string(text) : "not " + (simple ? std::string(text) : "(" + std::string(text) + ")"), line});
}

}  // namespace

std::vector<Condition> conditions_of(const python::Guard* guard) {
  std::vector<Condition> conditions;
  for (; guard != nullptr; guard = guard->outer) add(guard->condition, guard->negated, guard->line, conditions);
  return conditions;
}

std::vector<Condition> conditions_of_running(const python::Module& module) {
  const auto is_of_program = [](const Condition& one) { return one.text.starts_with("__name__ =="); };
  std::vector<Condition> common;
  bool first = true;
  for (const python::Call& call : module.calls) {
    const std::string_view name = call.callee.substr(call.callee.rfind('.') + 1);
    if (name != "run_tests" && name != "main") continue;
    std::vector<Condition> conditions = conditions_of(call.guard);
    if (std::erase_if(conditions, is_of_program) == 0) continue;
    if (std::exchange(first, false)) {
      common = std::move(conditions);
    } else {
      std::erase_if(common, [&](const Condition& one) {
        return std::ranges::none_of(conditions, [&](const Condition& other) { return other.text == one.text; });
      });
    }
  }
  return common;
}

}  // namespace spyre::testsel
