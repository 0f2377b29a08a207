// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace spyre::results {

// The attributes of a start tag, one after the other.
class XmlAttributes {
 public:
  // `text` begins with "<name …": the tag may go on behind it, and more behind the tag.
  explicit XmlAttributes(std::string_view text);
  // Goes on to the next attribute; false behind the last one, or where the tag is malformed.
  bool next();
  // After the last attribute: the text from there on (">…" or "/>…"); nothing when the tag is malformed or cut off.
  std::string_view rest() const { return m_malformed ? std::string_view{} : m_rest; }

  std::string_view name() const { return m_name; }
  // As it is written, between its quotes; assign_attribute() tells what it means.
  std::string_view value() const { return m_value; }

 private:
  std::string_view m_rest, m_name, m_value;
  bool m_malformed = false;
};

}  // namespace spyre::results
