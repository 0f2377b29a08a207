// SPDX-License-Identifier: Apache-2.0
#include "agent/results/junit_pieces.hpp"

#include <algorithm>
#include <array>

namespace spyre::results {
namespace {

using Kind = JunitPiece::Kind;
constexpr std::size_t npos = std::string_view::npos;

bool ends_name(char c) {
  return c == ' ' || c == '>' || c == '/' || c == '\t' || c == '\n' || c == '\r';
}

// Whether the tag at `at` ("<name" or "</name") has this name.
bool has_name(std::string_view text, std::size_t at, std::string_view name) {
  const std::size_t end = at + name.size();
  return text.substr(at, name.size()) == name && end < text.size() && ends_name(text[end]);
}

// Behind the next `mark`, or npos.
std::size_t behind(std::string_view text, std::size_t from, std::string_view mark) {
  const std::size_t found = text.find(mark, from);
  return found == npos ? npos : found + mark.size();
}

// Behind the '>' of the tag that begins at `at`: a '>' in a quoted value is none.
std::size_t end_of_tag(std::string_view text, std::size_t at) {
  char quote = 0;
  for (std::size_t i = at; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      const std::size_t closed = text.find(quote, i);
      if (closed == npos) return npos;
      i = closed;
      quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '>') {
      return i + 1;
    }
  }
  return npos;
}

// Behind the <!DOCTYPE …>, with or without declarations of its own in brackets.
std::size_t end_of_doctype(std::string_view text, std::size_t at) {
  const std::size_t bracket = text.find_first_of("[>", at);
  if (bracket == npos || text[bracket] == '>') return bracket == npos ? npos : bracket + 1;
  const std::size_t closed = text.find(']', bracket);
  return closed == npos ? npos : behind(text, closed, ">");
}

// Behind what is markup but no element at `at` (comment, CDATA, instruction, DOCTYPE); `at` itself for a tag; npos when
// it is cut off.
std::size_t skip_special(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  if (rest.size() < 2) return npos;
  if (rest[1] == '?') return behind(text, at, "?>");
  if (rest[1] != '!') return at;
  constexpr std::string_view cdata = "<![CDATA[";
  if (rest.starts_with("<!--")) return behind(text, at + 4, "-->");
  if (rest.starts_with(cdata)) return behind(text, at, "]]>");
  if (std::string_view("<!--").starts_with(rest) || cdata.starts_with(rest)) return npos;
  return end_of_doctype(text, at);
}

// The end of the element at `at` whose start tag ends at `inside`: behind its end tag.
std::size_t end_of_element(std::string_view text, std::size_t inside, std::string_view end_tag) {
  std::size_t at = inside;
  while ((at = text.find('<', at)) != npos) {
    const std::size_t special = skip_special(text, at);
    if (special == npos) return npos;
    if (special != at) {
      at = special;
    } else if (has_name(text, at, end_tag)) {
      return behind(text, at, ">");
    } else {
      ++at;
    }
  }
  return npos;
}

JunitPiece testcase(std::string_view text, std::size_t begin) {
  std::size_t at = end_of_tag(text, begin);
  if (at == npos) return {Kind::incomplete, begin, text.size()};
  if (text[at - 2] == '/') return {Kind::testcase, begin, at};
  while ((at = text.find('<', at)) != npos) {
    const std::size_t special = skip_special(text, at);
    if (special == npos) break;
    if (special != at) {
      at = special;
      continue;
    }
    if (has_name(text, at, "</testcase")) {
      const std::size_t end = behind(text, at, ">");
      if (end == npos) break;
      return {Kind::testcase, begin, end};
    }
    if (has_name(text, at, "<testcase") || has_name(text, at, "<testsuite") || has_name(text, at, "</testsuite") ||
        has_name(text, at, "</testsuites")) {
      return {Kind::cut_case, begin, at};
    }
    ++at;
  }
  return {Kind::incomplete, begin, text.size()};
}

struct Skipped {
  std::string_view start, end;
};
constexpr std::array skipped_elements{Skipped{"<properties", "</properties"}, Skipped{"<system-out", "</system-out"},
                                      Skipped{"<system-err", "</system-err"}};
constexpr std::size_t longest_name = 12;  // of the elements that matter, with "</"

// The piece at the tag `at`; kind nothing when it is none, with `end` where to go on.
JunitPiece element(std::string_view text, std::size_t at) {
  if (text.size() - at <= longest_name + 1 && text.find('>', at) == npos) return {Kind::incomplete, at, text.size()};
  if (has_name(text, at, "<testcase")) return testcase(text, at);
  const auto tag = [&](Kind kind) {
    const std::size_t end = end_of_tag(text, at);
    return end == npos ? JunitPiece{Kind::incomplete, at, text.size()} : JunitPiece{kind, at, end};
  };
  if (has_name(text, at, "<testsuite") || has_name(text, at, "<testsuites")) return tag(Kind::suite_open);
  if (has_name(text, at, "</testsuite") || has_name(text, at, "</testsuites")) return tag(Kind::suite_close);

  const auto whole = [&](Kind kind, std::string_view end_tag) {
    const JunitPiece start = tag(kind);
    if (start.kind == Kind::incomplete || text[start.end - 2] == '/') return start;
    const std::size_t end = end_of_element(text, start.end, end_tag);
    return end == npos ? JunitPiece{Kind::incomplete, at, text.size()} : JunitPiece{kind, at, end};
  };
  if (has_name(text, at, "<error")) return whole(Kind::problem, "</error");
  if (has_name(text, at, "<failure")) return whole(Kind::problem, "</failure");
  for (const Skipped& each : skipped_elements) {
    if (has_name(text, at, each.start)) return whole(Kind::nothing, each.end);
  }
  return {Kind::nothing, at, at + 1};
}

}  // namespace

JunitPiece next_junit_piece(std::string_view text) {
  std::size_t at = 0;
  while ((at = text.find('<', at)) != npos) {
    const std::size_t special = skip_special(text, at);
    if (special == npos) return {Kind::incomplete, at, text.size()};
    if (special != at) {
      at = special;
      continue;
    }
    const JunitPiece piece = element(text, at);
    if (piece.kind != Kind::nothing) return piece;
    at = piece.end;
  }
  return {Kind::nothing, text.size(), text.size()};
}

}  // namespace spyre::results
