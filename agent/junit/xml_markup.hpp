// SPDX-License-Identifier: Apache-2.0
// Finds the end of markup; npos when it is cut off.
#pragma once

#include <cstddef>
#include <string_view>

namespace spyre::junit {

// Return the position after the next `mark`.
std::size_t behind(std::string_view text, std::size_t from, char mark);
std::size_t behind(std::string_view text, std::size_t from, std::string_view mark);
// Return the position after the '>' of the tag that begins at `at`. A '>' in a quoted value does not count.
std::size_t end_of_tag(std::string_view text, std::size_t at);
// Return the position after a comment, CDATA section, instruction or DOCTYPE at `at`; `at` itself for a tag.
std::size_t skip_special(std::string_view text, std::size_t at);

}  // namespace spyre::junit
