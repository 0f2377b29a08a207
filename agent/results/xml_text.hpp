// SPDX-License-Identifier: Apache-2.0
// Text as XML 1.0 allows it.
#pragma once

#include <string>
#include <string_view>

namespace spyre::results {

// Valid UTF-8 without colour codes of terminals; characters that XML forbids become U+FFFD.
std::string xml_clean(std::string_view text);
// `text` cleaned, and escaped so that it can stand in an element or in a quoted attribute.
void append_escaped(std::string& out, std::string_view text);

}  // namespace spyre::results
