// SPDX-License-Identifier: Apache-2.0
// Converts XML text in any supported encoding to UTF-8.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace spyre::junit {

enum class Encoding { utf8, utf16_le, utf16_be, latin1, windows1252 };

constexpr std::size_t prolog_size = 256;  // bytes needed to detect the encoding

// Detect the encoding by the byte order mark, the first character, or the encoding="…" of the prolog. An unknown
// encoding is treated as UTF-8, with U+FFFD for invalid bytes. `begin` is the beginning of the text, at least its
// prolog.
Encoding detect_encoding(std::string_view begin);

// Converts text to UTF-8 block by block. A character that is split between two blocks is kept for the next block. Byte
// order marks are dropped, NUL characters become U+FFFD. UTF-8 is passed through unchanged, valid or not.
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
