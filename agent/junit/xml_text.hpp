// SPDX-License-Identifier: Apache-2.0
// Converts text to what XML 1.0 allows.
#pragma once

#include <string>
#include <string_view>

#include "agent/junit/xml_attributes.hpp"

namespace spyre::junit {

// Return valid UTF-8 without terminal colour codes; characters that XML forbids become U+FFFD.
std::string xml_clean(std::string_view text);
// Append `text`, cleaned and escaped for an element or a quoted attribute.
void append_escaped(std::string& out, std::string_view text);
// Decode the text of an attribute: references resolved, line breaks as blanks, cleaned. Return the raw text when it
// needs no change, otherwise a view of `scratch`, which is overwritten.
std::string_view attribute_text(const XmlValue& value, std::string& scratch);
// Decode text between tags: as attribute_text(), but line breaks are kept as LF.
std::string_view content_text(std::string_view raw, std::string& scratch);
// Return whether `text` begins with a predefined reference: "&lt;", "&#10;".
bool is_reference(std::string_view text);
// Append a character as UTF-8; U+FFFD for an invalid one and for U+0000.
void append_utf8(std::string& out, char32_t character);

}  // namespace spyre::junit
