// SPDX-License-Identifier: Apache-2.0
// The characters of Python source: decoded, checked and classified.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "agent/core/result.hpp"

namespace spyre::testsel::python {

namespace detail {
enum CharacterClass : unsigned char { name_start = 1, name_part = 2, digit = 4, gap = 8 };

// Bytes of characters beyond ASCII count as letters; first_foreign_character() finds those that are not letters.
constexpr std::array<unsigned char, 256> character_classes = [] {
  std::array<unsigned char, 256> classes{};
  for (int c = 'a'; c <= 'z'; ++c) classes[c] = classes[c - 'a' + 'A'] = name_start | name_part;
  for (int c = '0'; c <= '9'; ++c) classes[c] = name_part | digit;
  for (int c = 0x80; c <= 0xFF; ++c) classes[c] = name_start | name_part;
  classes['_'] = name_start | name_part;
  for (const char c : {' ', '\t', '\f', '\n', '\\', '#'}) classes[static_cast<unsigned char>(c)] = gap;
  return classes;
}();

constexpr bool is(char c, CharacterClass what) {
  return (character_classes[static_cast<unsigned char>(c)] & what) != 0;
}
}  // namespace detail

constexpr bool is_name_start(char c) {
  return detail::is(c, detail::name_start);
}
constexpr bool is_name_part(char c) {
  return detail::is(c, detail::name_part);
}
constexpr bool is_digit(char c) {
  return detail::is(c, detail::digit);
}
// Return whether a blank, a comment, a line end or a continued line begins with this character.
constexpr bool is_gap(char c) {
  return detail::is(c, detail::gap);
}

// Return the position in `name` of the first character that no name may have (typographic quotes, exotic blanks,
// symbols), or name.size().
std::size_t first_foreign_character(std::string_view name);

// Normalise a file's bytes for the tokenizer: without a byte order mark, every line ended by '\n', free of NUL, and
// valid UTF-8 unless the file declares another encoding (such bytes are kept as they are). Error: invalid,
// "line:column: why".
Result<std::string> decode_source(std::string bytes);

// Return "line:column" of an offset, both 1-based, the column in characters.
std::string position(std::string_view source, std::size_t offset);

}  // namespace spyre::testsel::python
