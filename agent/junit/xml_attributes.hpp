// SPDX-License-Identifier: Apache-2.0
// Parses start tags without copying. Most of a report is start tags: therefore everything is inline.
#pragma once

#include <cstddef>
#include <cstring>
#include <optional>
#include <string_view>

#include "agent/junit/xml_scan.hpp"

namespace spyre::junit {

// The raw value of an attribute between its quotes; attribute_text() decodes it.
struct XmlValue {
  std::string_view written;
  bool ordinary = true;  // raw and decoded value are equal
};

// Compare two names. A name known at compile time is compared as a number, without a call.
template <std::size_t size>
bool is_name(std::string_view text, const char (&name)[size]) {
  return text.size() == size - 1 && std::memcmp(text.data(), name, size - 1) == 0;
}

// Return the name of the tag that `text` begins with: up to a blank, '/' or '>'.
inline std::string_view leading_name(std::string_view text) {
  return between(text.data(), skip_name<'/', '>'>(text.data(), text.data() + text.size()));
}

// Return the opening quote of the value after a name; nullptr when another character is there, `end` at the end of the
// text.
inline const char* find_quote(const char* name_end, const char* end) {
  if (end - name_end >= 2 && name_end[0] == '=' && name_end[1] == '"') return name_end + 1;  // the usual form
  const char* const equals = skip_blanks(name_end, end);
  if (equals == end) return end;
  if (*equals != '=') return nullptr;
  const char* const quote = skip_blanks(equals + 1, end);
  return quote == end || *quote == '"' || *quote == '\'' ? quote : nullptr;
}

// Read the value after its opening quote. Return its closing quote, or nullptr when it is missing.
inline const char* read_value(const char* quote, const char* end, XmlValue& value) {
  const char* close = skip_ordinary(quote + 1, end, *quote);
  value.ordinary = close != end && *close == *quote;
  if (!value.ordinary) {
    close = static_cast<const char*>(std::memchr(close, *quote, static_cast<std::size_t>(end - close)));
  }
  if (close != nullptr) value.written = between(quote + 1, close);
  return close;
}

// Call take(name, value) for each attribute of a start tag. `text` begins after the name of the tag, and may extend
// beyond the tag. Return the text after the last attribute (">…" or "/>…"), or "" when the tag is malformed. Return no
// value when `text` ends too early to decide: more text must not change an earlier result.
template <class Take>
std::optional<std::string_view> for_each_attribute(std::string_view text, Take take) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    at = skip_blanks(at, end);
    if (at == end || (*at == '/' && at + 1 == end)) return std::nullopt;
    if (*at == '>' || *at == '/') return between(at, end);
    const char* const name_end = skip_name<'=', '>'>(at, end);
    const char* const quote = at == name_end ? nullptr : find_quote(name_end, end);
    if (quote == nullptr) return std::string_view{};
    if (quote == end) return std::nullopt;
    XmlValue value;
    const char* const close = read_value(quote, end, value);
    if (close == nullptr) return std::nullopt;
    take(between(at, name_end), value);
    at = close + 1;
  }
}

}  // namespace spyre::junit
