// SPDX-License-Identifier: Apache-2.0
#include "agent/results/junit_pieces.hpp"

#include <algorithm>
#include <array>

#include "agent/results/xml_attributes.hpp"

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
  // The last letter tells most names apart without a comparison of the whole.
  return end < text.size() && ends_name(text[end]) && text[end - 1] == name.back() &&
         text.substr(at, name.size()) == name;
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

struct StartTag {
  std::size_t end = npos;  // behind it; npos when it is cut off
  bool closed = false;     // it is the whole element, "<name …/>"
};

// Reads the start tag at `at`; most of a report is start tags, so this is done once.
StartTag read_start_tag(std::string_view text, std::size_t at, JunitAttributes& out) {
  XmlAttributes attribute(text.substr(at));
  while (attribute.next()) {
    const std::string_view name = attribute.name();
    if (name == "name") {
      out.name = attribute.value();
    } else if (name == "classname") {
      out.classname = attribute.value();
    } else if (name == "time") {
      out.time = attribute.value();
    } else if (name == "file") {
      out.file = attribute.value();
    } else if (name == "status") {
      out.status = attribute.value();
    }
  }
  const std::string_view rest = attribute.rest();
  if (rest.starts_with('>')) return {text.size() - rest.size() + 1, false};
  if (rest.starts_with("/>")) return {text.size() - rest.size() + 2, true};
  out.malformed = true;
  const std::size_t end = end_of_tag(text, at);
  return {end, end != npos && text[end - 2] == '/'};
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

struct Skipped {
  std::string_view start, end;
};
constexpr std::array skipped_elements{Skipped{"<properties", "</properties"}, Skipped{"<property", "</property"},
                                      Skipped{"<system-out", "</system-out"}, Skipped{"<system-err", "</system-err"}};

// Whether the tag at `at` begins or ends an element that tells nothing about a case.
bool is_skipped(std::string_view text, std::size_t at) {
  return std::any_of(skipped_elements.begin(), skipped_elements.end(), [&](const Skipped& each) {
    return has_name(text, at, each.start) || has_name(text, at, each.end);
  });
}

JunitPiece testcase(std::string_view text, std::size_t begin) {
  JunitPiece piece{Kind::incomplete, begin, text.size(), text.size(), text.size()};
  const StartTag tag = read_start_tag(text, begin, piece.attributes);
  if (tag.end == npos) return piece;
  piece.body_begin = tag.end;
  if (tag.closed) {
    piece.kind = Kind::testcase;
    piece.end = piece.body_end = tag.end;
    return piece;
  }
  std::size_t at = tag.end;
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
      piece.kind = Kind::testcase;
      piece.body_end = at;
      piece.end = end;
      return piece;
    }
    if (has_name(text, at, "<testcase") || has_name(text, at, "<testsuite") || has_name(text, at, "</testsuite") ||
        has_name(text, at, "</testsuites")) {
      piece.kind = Kind::cut_case;
      piece.body_end = piece.end = at;
      return piece;
    }
    piece.telling = piece.telling || !is_skipped(text, at);
    ++at;
  }
  return piece;
}

constexpr std::size_t longest_name = 12;  // of the elements that matter, with "</"

// The piece at the tag `at`; kind nothing when it is none, with `end` where to go on.
JunitPiece element(std::string_view text, std::size_t at) {
  if (text.size() - at <= longest_name + 1 && text.find('>', at) == npos) return {Kind::incomplete, at, text.size()};
  if (has_name(text, at, "<testcase")) return testcase(text, at);
  if (has_name(text, at, "<testsuite") || has_name(text, at, "<testsuites")) {
    JunitPiece piece{Kind::suite_open, at, text.size()};
    const StartTag tag = read_start_tag(text, at, piece.attributes);
    if (tag.closed) piece.kind = Kind::empty_suite;
    if (tag.end == npos) piece.kind = Kind::incomplete;
    piece.end = std::min(tag.end, text.size());
    return piece;
  }
  if (has_name(text, at, "</testsuite") || has_name(text, at, "</testsuites")) {
    const std::size_t end = behind(text, at, ">");
    return end == npos ? JunitPiece{Kind::incomplete, at, text.size()} : JunitPiece{Kind::suite_close, at, end};
  }
  const auto whole = [&](Kind kind, std::string_view end_tag) {
    std::size_t end = end_of_tag(text, at);
    if (end != npos && text[end - 2] != '/') end = end_of_element(text, end, end_tag);
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

JunitPiece next_junit_piece(std::string_view text, std::size_t from) {
  std::size_t at = from;
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
