// SPDX-License-Identifier: Apache-2.0
// Where in a JUnit document the suites and the cases are: found without building a tree, so that a file of any size can
// be read piece by piece and a damaged piece costs no other.
#pragma once

#include <cstddef>
#include <string_view>

namespace spyre::results {

struct JunitPiece {
  enum class Kind {
    suite_open,   // a start tag <testsuite …> or <testsuites …>
    suite_close,  // its end tag
    testcase,     // a whole <testcase …> element
    cut_case,     // a <testcase …> without its end: the text breaks off, or something else begins
    problem,      // an <error> or <failure> directly in a suite
    nothing,      // the text ends, and no piece is open
    incomplete,   // the text ends within a piece
  };
  Kind kind = Kind::nothing;
  std::size_t begin = 0, end = 0;  // of the piece, from the text's begin
};

// The first piece of `text`. What is between pieces is passed over: comments, properties, output of suites. A piece
// that is incomplete or nothing begins where reading has to go on when more text is there.
JunitPiece next_junit_piece(std::string_view text);

}  // namespace spyre::results
