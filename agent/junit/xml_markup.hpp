// SPDX-License-Identifier: Apache-2.0
// Where markup ends; npos when it is cut off.
#pragma once

#include <cstddef>
#include <string_view>

namespace spyre::junit {

// Behind the next `mark`.
std::size_t behind(std::string_view text, std::size_t from, char mark);
std::size_t behind(std::string_view text, std::size_t from, std::string_view mark);
// Behind the '>' of the tag that begins at `at`: a '>' in a quoted value is none.
std::size_t end_of_tag(std::string_view text, std::size_t at);
// Behind what is markup but no element at `at` (comment, CDATA, instruction, DOCTYPE); `at` itself for a tag.
std::size_t skip_special(std::string_view text, std::size_t at);

}  // namespace spyre::junit
