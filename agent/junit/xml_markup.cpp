// SPDX-License-Identifier: Apache-2.0
#include "agent/junit/xml_markup.hpp"

namespace spyre::junit {
namespace {

constexpr std::size_t cut_off = std::string_view::npos;

// Return the position after the <!DOCTYPE …>, with or without declarations in brackets.
std::size_t end_of_doctype(std::string_view text, std::size_t at) {
  const std::size_t bracket = text.find_first_of("[>", at);
  if (bracket == cut_off || text[bracket] == '>') return bracket == cut_off ? cut_off : bracket + 1;
  const std::size_t closed = text.find(']', bracket);
  return closed == cut_off ? cut_off : behind(text, closed, '>');
}

}  // namespace

std::size_t behind(std::string_view text, std::size_t from, char mark) {
  const std::size_t found = text.find(mark, from);
  return found == cut_off ? cut_off : found + 1;
}

std::size_t behind(std::string_view text, std::size_t from, std::string_view mark) {
  const std::size_t found = text.find(mark, from);
  return found == cut_off ? cut_off : found + mark.size();
}

std::size_t end_of_tag(std::string_view text, std::size_t at) {
  char quote = 0;
  for (std::size_t i = at; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      const std::size_t closed = text.find(quote, i);
      if (closed == cut_off) return cut_off;
      i = closed;
      quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '>') {
      return i + 1;
    }
  }
  return cut_off;
}

std::size_t skip_special(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  if (rest.size() < 2) return cut_off;
  if (rest[1] == '?') return behind(text, at, "?>");
  if (rest[1] != '!') return at;
  constexpr std::string_view cdata = "<![CDATA[";
  if (rest.starts_with("<!--")) return behind(text, at + 4, "-->");
  if (rest.starts_with(cdata)) return behind(text, at, "]]>");
  if (std::string_view("<!--").starts_with(rest) || cdata.starts_with(rest)) return cut_off;
  return end_of_doctype(text, at);
}

}  // namespace spyre::junit
