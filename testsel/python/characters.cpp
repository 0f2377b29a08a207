// SPDX-License-Identifier: Apache-2.0
#include "testsel/python/characters.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace spyre::testsel::python {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

// One character of UTF-8: its code point and its length in bytes; length 0 for invalid bytes.
struct Character {
  char32_t code = 0;
  std::size_t length = 0;
};

Character decode_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return {};
  char32_t code = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3FU);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (overlong || surrogate || code > 0x10FFFF) return {};
  return {code, length};
}

std::size_t skip_ascii(std::string_view text, std::size_t i) {
  for (std::uint64_t word = 0; i + sizeof word <= text.size(); i += sizeof word) {
    std::memcpy(&word, text.data() + i, sizeof word);
    if ((word & 0x8080808080808080U) != 0) break;
  }
  while (i < text.size() && static_cast<unsigned char>(text[i]) < 0x80) ++i;
  return i;
}

// Return the position of the first byte that is not UTF-8, or text.size().
std::size_t first_invalid_byte(std::string_view text) {
  for (std::size_t i = skip_ascii(text, 0); i < text.size(); i = skip_ascii(text, i)) {
    const Character character = decode_character(text.substr(i));
    if (character.length == 0) return i;
    i += character.length;
  }
  return text.size();
}

// "# -*- coding: latin-1 -*-" in one of the first two lines, the second only when the first is empty or a comment.
std::string declared_encoding(std::string_view source) {
  for (int line_number = 0; line_number < 2; ++line_number) {
    const std::string_view line = source.substr(0, source.find_first_of("\r\n"));
    const std::size_t comment = line.find_first_not_of(" \t\f");
    if (comment != std::string_view::npos && line[comment] != '#') return {};
    for (std::size_t at = line.find("coding"); at != std::string_view::npos; at = line.find("coding", at + 1)) {
      std::size_t begin = at + 6;
      if (begin >= line.size() || (line[begin] != ':' && line[begin] != '=')) continue;
      begin = line.find_first_not_of(" \t", begin + 1);
      if (begin == std::string_view::npos) continue;
      std::size_t end = begin;
      while (end < line.size() && (is_name_part(line[end]) || line[end] == '-' || line[end] == '.')) ++end;
      if (end == begin) continue;
      std::string name(line.substr(begin, end - begin));
      for (char& c : name) c = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
      return name;
    }
    const bool crlf = source.substr(line.size()).starts_with("\r\n");
    source.remove_prefix(std::min(source.size(), line.size() + (crlf ? 2 : 1)));
  }
  return {};
}

bool is_utf8(std::string_view encoding) {
  return encoding.empty() || encoding == "utf8" || encoding == "utf-8" || encoding.starts_with("utf-8-") ||
         encoding == "ascii" || encoding == "us-ascii";
}

// Encodings that contain ASCII, so that the structure can be read without decoding the rest.
bool is_ascii_superset(std::string_view encoding) {
  constexpr std::array known{"latin", "l1",      "iso-8859", "iso8859",   "cp",     "windows", "koi8",  "mac",
                             "big5",  "gb2312",  "gbk",      "gb18030",   "euc",    "shift",   "sjis",  "iso-2022",
                             "johab", "tis-620", "ptcp154",  "hp-roman8", "kz1048", "iso2022", "iso-ir"};
  return std::any_of(known.begin(), known.end(), [&](const char* name) { return encoding.starts_with(name); });
}

void unify_line_ends(std::string& text) {
  std::size_t to = text.find('\r');
  if (to == std::string::npos) return;
  for (std::size_t from = to; from < text.size(); ++from) {
    if (text[from] == '\r') {
      text[to++] = '\n';
      if (from + 1 < text.size() && text[from + 1] == '\n') ++from;
    } else {
      text[to++] = text[from];
    }
  }
  text.resize(to);
}

struct Range {
  char32_t first, last;
};

// Not every character that Unicode bars from identifiers, only those that come into source by accident.
constexpr std::array foreign{
    Range{0x80, 0xA9},     Range{0xAB, 0xB4},     Range{0xB6, 0xB6},     Range{0xB8, 0xB9},       Range{0xBB, 0xBF},
    Range{0xD7, 0xD7},     Range{0xF7, 0xF7},     Range{0x2000, 0x203E}, Range{0x2041, 0x2053},   Range{0x2055, 0x2070},
    Range{0x20A0, 0x20C0}, Range{0x2190, 0x2BFF}, Range{0x3000, 0x3004}, Range{0x3008, 0x3020},   Range{0xE000, 0xF8FF},
    Range{0xFEFF, 0xFEFF}, Range{0xFF01, 0xFF0F}, Range{0xFFF0, 0xFFFF}, Range{0x1F000, 0x1FAFF},
};

}  // namespace

std::size_t first_foreign_character(std::string_view name) {
  for (std::size_t i = skip_ascii(name, 0); i < name.size(); i = skip_ascii(name, i)) {
    const Character character = decode_character(name.substr(i));
    if (character.length == 0) {
      ++i;  // another encoding
      continue;
    }
    const auto holds = [&](const Range& range) {
      return character.code >= range.first && character.code <= range.last;
    };
    if (std::any_of(foreign.begin(), foreign.end(), holds)) return i;
    i += character.length;
  }
  return name.size();
}

std::string position(std::string_view source, std::size_t offset) {
  const std::string_view before = source.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::string_view same_line = before.substr(before.rfind('\n') + 1);
  const auto column = std::count_if(same_line.begin(), same_line.end(), [](char c) { return (c & 0xC0) != 0x80; }) + 1;
  return fmt::format("{}:{}", line, column);
}

Result<std::string> decode_source(std::string bytes) {
  const auto wrong = [&](std::size_t offset, std::string_view why) {
    return fail(ErrorKind::invalid, fmt::format("{}: {}", position(bytes, offset), why));
  };
  if (bytes.size() >= UINT32_MAX) return wrong(0, "a Python file of 4 GiB or more");
  if (const std::size_t nul = bytes.find('\0'); nul != std::string::npos) return wrong(nul, "a NUL byte");
  const bool marked = bytes.starts_with(byte_order_mark);
  if (marked) bytes.erase(0, byte_order_mark.size());
  const std::string encoding = declared_encoding(bytes);
  if (marked && !encoding.empty() && !encoding.starts_with("utf-8")) {
    return wrong(0, fmt::format("a byte order mark of UTF-8 in a file declared as '{}'", encoding));
  }
  if (is_utf8(encoding)) {
    const std::size_t invalid = first_invalid_byte(bytes);
    if (invalid < bytes.size()) return wrong(invalid, "a byte that is not UTF-8, and no other encoding is declared");
  } else if (!is_ascii_superset(encoding)) {
    return wrong(0, fmt::format("unknown encoding '{}'", encoding));
  }
  unify_line_ends(bytes);
  return bytes;
}

}  // namespace spyre::testsel::python
