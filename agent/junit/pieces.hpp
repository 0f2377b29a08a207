// SPDX-License-Identifier: Apache-2.0
// Where in a JUnit document the suites and the cases are: found without building a tree, so that a file of any size can
// be read piece by piece and a damaged piece costs no other.
#pragma once

#include <cstddef>
#include <string_view>

#include "agent/junit/xml_attributes.hpp"

namespace spyre::junit {

// The attributes that matter.
struct Attributes {
  XmlValue name, classname, file, time, status;
  bool malformed = false;  // the start tag; there may be more attributes then
};

struct Piece {
  enum class Kind {
    suite_open,   // a start tag <testsuite …> or <testsuites …>
    suite_close,  // its end tag
    empty_suite,  // <testsuite …/>
    testcase,     // a whole <testcase …> element
    cut_case,     // a <testcase …> without its end: the text breaks off, or something else begins
    problem,      // an <error> or <failure> directly in a suite
    nothing,      // the text ends, and no piece is open
    incomplete,   // the text ends within a piece
  };
  // The body is empty, and at the end.
  Piece(Kind a_kind, std::size_t a_begin, std::size_t an_end)
      : kind(a_kind), begin(a_begin), end(an_end), body_begin(an_end), body_end(an_end) {}

  Kind kind;
  std::size_t begin, end;            // of the piece, in the text
  std::size_t body_begin, body_end;  // of a testcase: between its tags
  bool telling = false;              // the body holds more than output and properties
  Attributes attributes;             // of a testcase or a suite
};

// The first piece of `text` at or behind `from`. What is between pieces is passed over: comments, properties, output of
// suites. A piece that is incomplete begins where reading has to go on when more text is there.
Piece next_piece(std::string_view text, std::size_t from);

}  // namespace spyre::junit
