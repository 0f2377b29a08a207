// SPDX-License-Identifier: Apache-2.0
#include "agent/junit/pieces.hpp"

#include <algorithm>
#include <cstring>

#include "agent/junit/xml_attributes.hpp"
#include "agent/junit/xml_markup.hpp"

namespace spyre::junit {
namespace {

using Kind = Piece::Kind;
constexpr std::size_t npos = std::string_view::npos;

constexpr std::size_t longest_element = 10;  // longest name of the elements in use

struct Tag {
  std::string_view name;  // empty when it is longer, or cut off
  bool end = false;       // "</name"
};

Tag tag_at(std::string_view text, std::size_t at) {
  const bool end = at + 1 < text.size() && text[at + 1] == '/';
  const std::string_view rest = text.substr(at + (end ? 2 : 1), longest_element + 1);
  const std::string_view name = leading_name(rest);
  return {name.size() < rest.size() ? name : std::string_view{}, end};
}

// Return whether `mark` is at `at`.
template <std::size_t size>
bool has(std::string_view text, std::size_t at, const char (&mark)[size]) {
  return text.size() - at >= size - 1 && std::memcmp(text.data() + at, mark, size - 1) == 0;
}

// Return the position of the next '<', or npos. It is usually at the start.
std::size_t next_markup(std::string_view text, std::size_t from) {
  return from < text.size() && text[from] == '<' ? from : text.find('<', from);
}

struct StartTag {
  std::size_t end = npos;  // after it; npos when it is cut off
  bool closed = false;     // a complete element, "<name …/>"
};

// Read the start tag `name` at `at`. Most of a report is start tags, so each is read only once.
StartTag read_start_tag(std::string_view text, std::size_t at, std::string_view name, Attributes& out) {
  const auto take = [&](std::string_view written, const XmlValue& value) {
    if (is_name(written, "name")) {
      out.name = value;
    } else if (is_name(written, "classname")) {
      out.classname = value;
    } else if (is_name(written, "time")) {
      out.time = value;
    } else if (is_name(written, "file")) {
      out.file = value;
    } else if (is_name(written, "status")) {
      out.status = value;
    }
  };
  const auto rest = for_each_attribute(text.substr(at + 1 + name.size()), take);
  if (rest && rest->starts_with('>')) return {text.size() - rest->size() + 1, false};
  if (rest && rest->starts_with("/>")) return {text.size() - rest->size() + 2, true};
  out.malformed = true;
  if (!rest) return {};
  const std::size_t end = end_of_tag(text, at);
  return {end, end != npos && text[end - 2] == '/'};
}

// Return the position after the end tag of the element `name` whose start tag ends at `inside`; npos when it is cut
// off.
std::size_t end_of_element(std::string_view text, std::size_t inside, std::string_view name) {
  std::size_t at = inside;
  while ((at = next_markup(text, at)) != npos) {
    const std::size_t special = skip_special(text, at);
    if (special == npos) return npos;
    const Tag tag = tag_at(text, at);
    if (special != at) {
      at = special;
    } else if (tag.end && tag.name == name) {
      return behind(text, at, '>');
    } else {
      ++at;
    }
  }
  return npos;
}

// Return whether an element is irrelevant for a case.
bool is_silent(std::string_view name) {
  return is_name(name, "system-out") || is_name(name, "system-err") || is_name(name, "properties") ||
         is_name(name, "property");
}

// The effect of a tag within a case on the end of the case.
enum class Inside { telling, silent, end, cut };

Inside inside_case(const Tag& tag) {
  if (is_name(tag.name, "testcase")) return tag.end ? Inside::end : Inside::cut;
  if (is_name(tag.name, "testsuite") || (tag.end && is_name(tag.name, "testsuites"))) return Inside::cut;
  return is_silent(tag.name) ? Inside::silent : Inside::telling;
}

// Set the end of a case whose start tag has been read.
void find_end_of_case(std::string_view text, Piece& piece) {
  std::size_t at = piece.body_begin;
  while ((at = next_markup(text, at)) != npos) {
    constexpr char usual_end[] = "</testcase>";
    if (has(text, at, usual_end)) {
      piece.kind = Kind::testcase;
      piece.body_end = at;
      piece.end = at + sizeof usual_end - 1;
      return;
    }
    const std::size_t special = skip_special(text, at);
    if (special == npos) return;
    if (special != at) {
      at = special;
      continue;
    }
    const Inside inside = inside_case(tag_at(text, at));
    if (inside == Inside::end || inside == Inside::cut) {
      const std::size_t end = inside == Inside::cut ? at : behind(text, at, '>');
      if (end == npos) return;
      piece.kind = inside == Inside::cut ? Kind::cut_case : Kind::testcase;
      piece.body_end = at;
      piece.end = end;
      return;
    }
    piece.telling = piece.telling || inside == Inside::telling;
    ++at;
  }
}

Piece testcase(std::string_view text, std::size_t begin) {
  Piece piece(Kind::incomplete, begin, text.size());
  const StartTag tag = read_start_tag(text, begin, "testcase", piece.attributes);
  if (tag.end == npos) return piece;
  piece.body_begin = tag.end;
  if (tag.closed) {
    piece.kind = Kind::testcase;
    piece.end = piece.body_end = tag.end;
  } else {
    find_end_of_case(text, piece);
  }
  return piece;
}

Piece suite_begin(std::string_view text, std::size_t at, std::string_view name) {
  Piece piece(Kind::suite_open, at, text.size());
  const StartTag tag = read_start_tag(text, at, name, piece.attributes);
  if (tag.closed) piece.kind = Kind::empty_suite;
  if (tag.end == npos) piece.kind = Kind::incomplete;
  piece.end = std::min(tag.end, text.size());
  return piece;
}

// Return the piece at the tag `at`; Kind::nothing without a piece, with `end` as the position to continue.
Piece element(std::string_view text, std::size_t at) {
  if (text.size() - at <= longest_element + 3 && text.find('>', at) == npos) return {Kind::incomplete, at, text.size()};
  const Tag tag = tag_at(text, at);
  const auto up_to = [&](std::size_t end, Kind kind) {
    return end == npos ? Piece{Kind::incomplete, at, text.size()} : Piece{kind, at, end};
  };
  const bool is_suite = is_name(tag.name, "testsuite") || is_name(tag.name, "testsuites");
  if (tag.end && is_suite) return up_to(behind(text, at, '>'), Kind::suite_close);
  if (tag.end) return {Kind::nothing, at, at + 1};
  if (is_name(tag.name, "testcase")) return testcase(text, at);
  if (is_suite) return suite_begin(text, at, tag.name);
  const bool is_problem = is_name(tag.name, "error") || is_name(tag.name, "failure");
  if (!is_problem && !is_silent(tag.name)) return {Kind::nothing, at, at + 1};
  std::size_t end = end_of_tag(text, at);
  if (end != npos && text[end - 2] != '/') end = end_of_element(text, end, tag.name);
  return up_to(end, is_problem ? Kind::problem : Kind::nothing);
}

}  // namespace

Piece next_piece(std::string_view text, std::size_t from) {
  std::size_t at = from;
  while ((at = next_markup(text, at)) != npos) {
    if (has(text, at, "<testcase ")) return testcase(text, at);
    const std::size_t special = skip_special(text, at);
    if (special == npos) return {Kind::incomplete, at, text.size()};
    if (special != at) {
      at = special;
      continue;
    }
    const Piece piece = element(text, at);
    if (piece.kind != Kind::nothing) return piece;
    at = piece.end;
  }
  return {Kind::nothing, text.size(), text.size()};
}

}  // namespace spyre::junit
