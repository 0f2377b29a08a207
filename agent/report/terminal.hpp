// SPDX-License-Identifier: Apache-2.0
// Terminal output: columns, colours, and making text safe.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace spyre::report {

enum class Colour { none, red, green, yellow, grey, bold };

// The capabilities of the output.
struct Style {
  bool live = false;  // a terminal: the last line can be redrawn
  bool colour = false;
  bool unicode = false;                            // false: ASCII only
  std::function<int()> width = [] { return 80; };  // columns, queried for each line, because terminals are resized
};

// Return the style for a file descriptor. Live and coloured only on a capable terminal (TERM is not "dumb") outside of
// CI ($CI); never coloured with $NO_COLOR. `environment`: the variables of the process.
Style style_of(int fd, const std::map<std::string, std::string>& environment);

// Return the number of columns of a text: wide characters take two, combining characters none.
std::size_t display_width(std::string_view text);
// Cut a text to `width` columns between two characters, with an ellipsis.
std::string fit(std::string_view text, std::size_t width, bool unicode);
// Return one line of valid UTF-8 without control characters: test output must not move the cursor, ring the bell or
// change colours.
std::string one_line(std::string_view text);
// Make text of several lines printable; line ends and tabs are kept.
std::string printable(std::string_view text);
std::string coloured(std::string_view text, Colour colour, bool enabled);

}  // namespace spyre::report
