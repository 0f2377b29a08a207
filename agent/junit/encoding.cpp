// SPDX-License-Identifier: Apache-2.0
#include "agent/junit/encoding.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "agent/junit/xml_text.hpp"

namespace spyre::junit {
namespace {

constexpr char32_t replacement = 0xFFFD;
constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";

// Windows-1252 from 0x80 to 0x9F; all other values are equal to Latin-1.
constexpr std::array<char16_t, 32> windows1252_upper{0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                     0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD,
                                                     0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                     0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};

// Return "utf-8" for `<?xml version="1.0" encoding="UTF-8"?>`, in lower case.
std::string declared_encoding(std::string_view begin) {
  if (!begin.starts_with("<?xml")) return {};
  const std::string_view declaration = begin.substr(0, begin.find("?>"));
  const std::size_t key = declaration.find("encoding");
  const std::size_t open = declaration.find_first_of("\"'", key == std::string_view::npos ? declaration.size() : key);
  if (open == std::string_view::npos) return {};
  const std::size_t close = declaration.find(declaration[open], open + 1);
  if (close == std::string_view::npos) return {};
  std::string name(declaration.substr(open + 1, close - open - 1));
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

}  // namespace

Encoding detect_encoding(std::string_view begin) {
  using namespace std::string_view_literals;
  if (begin.starts_with("\xFF\xFE"sv) || begin.starts_with("<\0"sv)) return Encoding::utf16_le;
  if (begin.starts_with("\xFE\xFF"sv) || begin.starts_with("\0<"sv)) return Encoding::utf16_be;
  const std::string name = declared_encoding(begin.substr(0, prolog_size));
  if (name == "iso-8859-1" || name == "iso_8859-1" || name == "latin1" || name == "latin-1") return Encoding::latin1;
  if (name == "windows-1252" || name == "cp1252") return Encoding::windows1252;
  return Encoding::utf8;
}

void Utf8Decoder::utf16_unit(char16_t unit, std::string& out) {
  const bool high = unit >= 0xD800 && unit < 0xDC00, low = unit >= 0xDC00 && unit < 0xE000;
  if (m_high != 0 && low) {
    append_utf8(out, 0x10000 + ((static_cast<char32_t>(m_high) - 0xD800) << 10) + (unit - 0xDC00));
    m_high = 0;
    return;
  }
  if (m_high != 0) append_utf8(out, replacement);
  m_high = high ? unit : char16_t{0};
  const bool mark = m_at_begin && unit == 0xFEFF;
  if (!high && !mark) append_utf8(out, low ? replacement : unit);
  m_at_begin = false;
}

void Utf8Decoder::decode(std::string_view block, std::string& out) {
  switch (m_encoding) {
    case Encoding::utf8: {
      if (m_at_begin && block.starts_with(utf8_mark)) block.remove_prefix(utf8_mark.size());
      m_at_begin = m_at_begin && block.empty();
      for (std::size_t nul = 0; (nul = block.find('\0')) != std::string_view::npos; block.remove_prefix(nul + 1)) {
        out += block.substr(0, nul);
        append_utf8(out, replacement);
      }
      out += block;
      return;
    }
    case Encoding::latin1:
      for (const char c : block) append_utf8(out, static_cast<unsigned char>(c));
      return;
    case Encoding::windows1252:
      for (const char c : block) {
        const auto byte = static_cast<unsigned char>(c);
        append_utf8(out, byte >= 0x80 && byte < 0xA0 ? char32_t{windows1252_upper[byte - 0x80U]} : char32_t{byte});
      }
      return;
    case Encoding::utf16_le:
    case Encoding::utf16_be:
      for (const char c : block) {
        const auto byte = static_cast<unsigned char>(c);
        if (!m_half) {
          m_half = byte;
          continue;
        }
        const unsigned high = m_encoding == Encoding::utf16_be ? *m_half : byte;
        const unsigned low = m_encoding == Encoding::utf16_be ? byte : *m_half;
        utf16_unit(static_cast<char16_t>(high << 8 | low), out);
        m_half.reset();
      }
      return;
  }
}

}  // namespace spyre::junit
