// SPDX-License-Identifier: Apache-2.0
// Text as XML 1.0 allows it.
#pragma once

#include <string>
#include <string_view>

#include "agent/junit/xml_attributes.hpp"

namespace spyre::junit {

// Valid UTF-8 without colour codes of terminals; characters that XML forbids become U+FFFD.
std::string xml_clean(std::string_view text);
// `text` cleaned, and escaped so that it can stand in an element or in a quoted attribute.
void append_escaped(std::string& out, std::string_view text);
// What an attribute's text means: references resolved, line breaks as blanks, cleaned. That is what is written
// when there is nothing to do, and otherwise in `scratch`, whatever that held.
std::string_view attribute_text(const XmlValue& value, std::string& scratch);
// The same of text between tags: its line breaks are kept, as \n.
std::string_view content_text(std::string_view raw, std::string& scratch);
// Whether `text` begins with a reference that every reader knows: "&lt;", "&#10;".
bool is_reference(std::string_view text);
// U+FFFD for what is no character, and for U+0000.
void append_utf8(std::string& out, char32_t character);

}  // namespace spyre::junit
