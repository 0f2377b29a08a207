// SPDX-License-Identifier: Apache-2.0
#include "testsel/python/arguments.hpp"

#include "agent/core/text.hpp"
#include "testsel/python/characters.hpp"
#include "testsel/python/tokenizer.hpp"

namespace spyre::testsel::python {
namespace {

bool is_dotted_name(std::string_view text) {
  if (text.empty() || is_digit(text.front())) return false;
  for (const char c : text) {
    if (c != '.' && !is_name_part(c)) return false;
  }
  return true;
}

}  // namespace

std::vector<Argument> split_arguments(std::string_view text) {
  std::vector<Argument> found;
  Tokenizer tokens(text, true);
  const std::size_t depth = tokens.depth();
  Argument argument;
  std::size_t begin = 0, end = 0, count = 0;  // of the value, and of the tokens of this argument
  for (bool over = false; !over;) {
    const Token token = tokens.next();
    if (token.kind == TokenKind::error) return {};
    over = token.kind >= TokenKind::newline;
    if (over || (token.kind == TokenKind::comma && tokens.depth() == depth)) {
      argument.value = text.substr(begin, end - begin);
      if (count > 0) found.push_back(argument);
      argument = {};
      count = 0;
      continue;
    }
    if (++count == 1) begin = token.begin;
    if (count == 1 && tokens.text(token) == "**") {
      argument.keyword = tokens.text(token);
      begin = token.end;
    } else if (count == 2 && token.kind == TokenKind::assign) {
      argument.keyword = text.substr(begin, end - begin);
      begin = token.end;
    } else if (begin == end && count > 1) {
      begin = token.begin;  // the first token behind the mark
    }
    end = token.end;
  }
  return found;
}

CallText split_call(std::string_view expression) {
  const std::size_t open = expression.find('(');
  if (open == std::string_view::npos || !expression.ends_with(')')) return {};
  const std::string_view callee = trim(expression.substr(0, open));
  if (!is_dotted_name(callee)) return {};
  return {callee, expression.substr(open + 1, expression.size() - open - 2)};
}

std::vector<std::string_view> split_items(std::string_view expression) {
  constexpr std::string_view opening = "([{", closing = ")]}";
  const std::size_t bracket = expression.empty() ? std::string_view::npos : opening.find(expression.front());
  const bool bracketed = bracket != std::string_view::npos && expression.back() == closing[bracket];
  if (!bracketed && expression.find(',') == std::string_view::npos) return {};
  if (bracketed) expression = expression.substr(1, expression.size() - 2);
  std::vector<std::string_view> items;
  for (const Argument& one : split_arguments(expression)) {
    if (one.keyword.empty()) items.push_back(one.value);
  }
  return items;
}

}  // namespace spyre::testsel::python
