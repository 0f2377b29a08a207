// SPDX-License-Identifier: Apache-2.0
// Start tags, looked at as they are written.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

namespace spyre::results {

// The name that `text` begins with: up to a blank, '/' or '>'.
std::string_view leading_name(std::string_view text);

// Whether the names are the same; one that is known when this is compiled is compared as a number, without a call.
template <std::size_t size>
bool is_name(std::string_view text, const char (&name)[size]) {
  return text.size() == size - 1 && std::memcmp(text.data(), name, size - 1) == 0;
}

// An attribute's value between its quotes; attribute_text() tells what it means.
struct XmlValue {
  std::string_view written{};
  bool ordinary = true;  // it means what is written
};

// The attributes of a start tag, one after the other.
class XmlAttributes {
 public:
  // `text` begins behind the tag's name: the tag may go on there, and more behind the tag.
  explicit XmlAttributes(std::string_view text) : m_rest(text) {}
  // Goes on to the next attribute; false behind the last one, or where the tag is malformed.
  bool next();
  // After the last attribute: the text from there on (">…" or "/>…"); nothing when the tag is malformed or cut off.
  std::string_view rest() const { return m_malformed ? std::string_view{} : m_rest; }

  std::string_view name() const { return m_name; }
  const XmlValue& value() const { return m_value; }

 private:
  bool take_value(const char* open, const char* end);

  std::string_view m_rest, m_name;
  XmlValue m_value;
  bool m_malformed = false;
};

}  // namespace spyre::results
