// SPDX-License-Identifier: Apache-2.0
// XML text in whatever encoding it comes, as UTF-8.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace spyre::junit {

enum class Encoding { utf8, utf16_le, utf16_be, latin1, windows1252 };

constexpr std::size_t prolog_size = 256;  // bytes that tell the encoding

// By the byte order mark, the first character, or the encoding="…" that the prolog declares; an encoding that is not
// known is taken as UTF-8, with U+FFFD for what is wrong then. `begin` is the beginning of the text: its prolog, or
// more.
Encoding detect_encoding(std::string_view begin);

// Turns text into UTF-8 block by block: a character that is cut by the end of a block waits for the next one. Byte
// order marks are left out, NUL characters become U+FFFD. UTF-8 is passed on as it is, valid or not.
class Utf8Decoder {
 public:
  explicit Utf8Decoder(Encoding encoding) : m_encoding(encoding) {}
  void decode(std::string_view block, std::string& out);

 private:
  void utf16_unit(char16_t unit, std::string& out);

  Encoding m_encoding;
  bool m_at_begin = true;
  std::optional<unsigned char> m_half;  // the first byte of a UTF-16 unit
  char16_t m_high = 0;                  // the first unit of a pair
};

}  // namespace spyre::junit
