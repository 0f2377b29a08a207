// SPDX-License-Identifier: Apache-2.0
// Texts that are kept: views into the source if they are tidy, copies if they are not.
#include <utility>

#include "testsel/python/arguments.hpp"
#include "testsel/python/structure_reader.hpp"

namespace spyre::testsel::python {
namespace {

bool is_open(TokenKind kind) {
  return kind == TokenKind::open_paren || kind == TokenKind::open_bracket || kind == TokenKind::open_brace;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\f';
}

bool is_tidy(std::string_view text) {
  if (text.empty()) return true;
  if (is_blank(text.front()) || is_blank(text.back()) || text.back() == ',') return false;
  char before = '\0';
  for (const char c : text) {
    if (c == '\n' || c == '#' || c == '\\' || c == '\t' || c == '\f') return false;
    if (c == ' ' && (before == ' ' || before == '(' || before == '[' || before == '{')) return false;
    if (before == ' ' && (c == ',' || c == ')' || c == ']' || c == '}')) return false;
    before = c;
  }
  return true;
}

}  // namespace

std::string_view StructureReader::make_text(std::string text) {
  return m_module.made.emplace_back(std::move(text));
}

// Return the text between brackets on one line: comments removed, blanks collapsed, none beside brackets and before
// commas.
std::string_view StructureReader::tidy(std::string_view text) {
  if (is_tidy(text)) return text;
  Tokenizer tokens(text, true);
  std::string joined;
  std::size_t strings = 0;  // open f-strings: their inside is text, not layout
  Token before;
  for (Token token = tokens.next(); token.kind < TokenKind::newline; before = token, token = tokens.next()) {
    if (strings > 0) {
      joined += text.substr(before.end, token.begin - before.end);
    } else if (token.begin > before.end && !joined.empty() && !is_open(before.kind) && token.kind != TokenKind::close &&
               token.kind != TokenKind::comma) {
      joined += ' ';
    }
    joined += tokens.text(token);
    if (token.kind == TokenKind::string_begin) ++strings;
    if (token.kind == TokenKind::string_end) --strings;
  }
  if (joined.ends_with(',')) joined.pop_back();
  return make_text(std::move(joined));
}

// Return the arguments of a call or a list of bases without those that have a keyword.
std::vector<std::string_view> StructureReader::positional_arguments(std::string_view arguments) {
  std::vector<std::string_view> found;
  for (const Argument& argument : split_arguments(arguments)) {
    if (argument.keyword.empty()) found.push_back(tidy(argument.value));
  }
  return found;
}

}  // namespace spyre::testsel::python
