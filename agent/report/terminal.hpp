// SPDX-License-Identifier: Apache-2.0
// What a terminal shows: columns, colours, and text that does it no harm.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace spyre::report {

enum class Colour { none, red, green, yellow, grey, bold };

// What the reader at the other end can take.
struct Style {
  bool live = false;  // a terminal: the last line can be drawn again
  bool colour = false;
  bool unicode = false;                            // else ASCII only
  std::function<int()> width = [] { return 80; };  // columns, asked for again at each line: terminals are resized
};

// The style for a file descriptor. Live and coloured only on a terminal that can (TERM is not "dumb") and outside of CI
// ($CI); never coloured with $NO_COLOR. `environment` holds the variables of the process.
Style style_of(int fd, const std::map<std::string, std::string>& environment);

// Columns that text takes: wide characters two, combining ones none.
std::size_t display_width(std::string_view text);
// At most `width` columns: the end is cut at the edge of a character, with an ellipsis.
std::string fit(std::string_view text, std::size_t width, bool unicode);
// One line of valid UTF-8 without control characters: test output cannot move the cursor, ring or recolour.
std::string one_line(std::string_view text);
// The same for text of several lines: line ends and tabs stay.
std::string printable(std::string_view text);
std::string coloured(std::string_view text, Colour colour, bool enabled);

}  // namespace spyre::report
