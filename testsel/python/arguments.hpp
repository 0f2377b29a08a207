// SPDX-License-Identifier: Apache-2.0
// The arguments of a call, or the items of a list, as they are written.
#pragma once

#include <string_view>
#include <vector>

namespace spyre::testsel::python {

struct Argument {
  std::string_view keyword;  // empty when it is positional (`*list` is); "**" for what is unpacked
  std::string_view value;    // as written, without blanks and comments around it
};

// What stands between two brackets, cut at its commas. Empty when it cannot be cut (a string that does not end).
std::vector<Argument> split_arguments(std::string_view text);

// A call as an expression: `make_class(Template, "cpu")`. Views into its text.
struct CallText {
  std::string_view callee;  // dotted; empty when the text is no call of a name
  std::string_view arguments;
};
CallText split_call(std::string_view expression);

// The items of `[a, b]`, `(a, b)`, `{a, b}` or `a, b`; empty when the text is something else.
std::vector<std::string_view> split_items(std::string_view expression);

}  // namespace spyre::testsel::python
