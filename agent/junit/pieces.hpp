// SPDX-License-Identifier: Apache-2.0
// Finds the suites and cases in a JUnit document without building a tree, so that a file of any size can be read piece
// by piece and a damaged piece does not affect others.
#pragma once

#include <cstddef>
#include <string_view>

#include "agent/junit/xml_attributes.hpp"

namespace spyre::junit {

// The attributes in use.
struct Attributes {
  XmlValue name, classname, file, time, status;
  bool malformed = false;  // the start tag is malformed; attributes may be missing
};

struct Piece {
  enum class Kind {
    suite_open,   // a start tag <testsuite …> or <testsuites …>
    suite_close,  // its end tag
    empty_suite,  // <testsuite …/>
    testcase,     // a whole <testcase …> element
    cut_case,     // a <testcase …> without its end: the text ends, or another element begins
    problem,      // an <error> or <failure> directly in a suite
    nothing,      // the text ends outside of a piece
    incomplete,   // the text ends inside of a piece
  };
  // Create a piece with an empty body at its end.
  Piece(Kind a_kind, std::size_t a_begin, std::size_t an_end)
      : kind(a_kind), begin(a_begin), end(an_end), body_begin(an_end), body_end(an_end) {}

  Kind kind;
  std::size_t begin, end;            // of the piece, in the text
  std::size_t body_begin, body_end;  // of a testcase: between its tags
  bool telling = false;              // the body has more than output and properties
  Attributes attributes;             // of a testcase or a suite
};

// Return the first piece of `text` at or after `from`. Anything between pieces is skipped: comments, properties, output
// of suites. An incomplete piece begins at the position from which to continue when more text is available.
Piece next_piece(std::string_view text, std::size_t from);

}  // namespace spyre::junit
