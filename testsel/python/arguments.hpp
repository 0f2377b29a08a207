// SPDX-License-Identifier: Apache-2.0
// The arguments of a call, or the items of a list, as written.
#pragma once

#include <string_view>
#include <vector>

namespace spyre::testsel::python {

struct Argument {
  std::string_view keyword;  // empty when it is positional (`*list` is); "**" for what is unpacked
  std::string_view value;    // as written, without blanks and comments around it
};

// Split the text between two brackets at its commas. Empty if it cannot be split (a string that does not end).
std::vector<Argument> split_arguments(std::string_view text);

// A call as an expression: `make_class(Template, "cpu")`. Views into its text.
struct CallText {
  std::string_view callee;  // dotted; empty if the text is not a call of a name
  std::string_view arguments;
};
CallText split_call(std::string_view expression);

// Return the items of `[a, b]`, `(a, b)`, `{a, b}` or `a, b`; empty for other texts.
std::vector<std::string_view> split_items(std::string_view expression);

}  // namespace spyre::testsel::python
