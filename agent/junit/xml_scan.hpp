// SPDX-License-Identifier: Apache-2.0
// Scans XML character by character, or eight at a time.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace spyre::junit {

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

inline const char* skip_blanks(const char* at, const char* end) {
  while (at != end && is_blank(*at)) ++at;
  return at;
}

// Skip to a blank or one of `marks`. All of these sort before the letters: usually one comparison shows that a name
// continues.
template <char... marks>
inline const char* skip_name(const char* at, const char* end) {
  while (at != end && (*at > '>' || (((*at != marks) && ...) && !is_blank(*at)))) ++at;
  return at;
}

constexpr std::uint64_t eight_times(char c) {
  return std::uint64_t{0x0101010101010101} * static_cast<unsigned char>(c);
}

// Skip to `mark`, '&', or a character outside of printable ASCII. All characters before that are literal, as in nearly
// all of a report.
inline const char* skip_ordinary(const char* at, const char* end, char mark = '&') {
  for (; end - at >= 8; at += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, at, sizeof eight);
    // The highest bit of a byte is set when it was set before, or when the byte is less than the subtrahend; after the
    // first such byte the bits are meaningless.
    const std::uint64_t unprintable = eight | (eight - eight_times(' '));
    const std::uint64_t reference = (eight ^ eight_times('&')) - eight_times(1);
    const std::uint64_t marked = (eight ^ eight_times(mark)) - eight_times(1);
    const std::uint64_t found = (unprintable | reference | marked) & eight_times('\x80');
    if (found == 0) continue;
    if constexpr (std::endian::native != std::endian::little) break;
    return at + static_cast<std::size_t>(std::countr_zero(found)) / 8;
  }
  while (at != end && *at >= ' ' && *at != '&' && *at != mark) ++at;
  return at;
}

inline std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace spyre::junit
