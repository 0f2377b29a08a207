// SPDX-License-Identifier: Apache-2.0
#include "agent/junit/xml_text.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

#include "agent/core/text.hpp"
#include "agent/junit/xml_scan.hpp"

namespace spyre::junit {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

bool is_break(char c) {
  return c == '\n' || c == '\t' || c == '\r';
}

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte < 0x80) || is_break(c);
}

// Return the number of literal characters at the front of `text`: printable ASCII without '&'.
std::size_t ordinary_length(std::string_view text) {
  return static_cast<std::size_t>(skip_ordinary(text.data(), text.data() + text.size()) - text.data());
}

bool is_clean(std::string_view text) {
  while (!text.empty()) {
    text.remove_prefix(ordinary_length(text));
    if (text.empty()) return true;
    if (!is_plain(text.front())) return false;
    text.remove_prefix(1);
  }
  return true;
}

// Return the length of a terminal's control sequence at the front of `text` ("ESC [ 31 m"), or 0.
std::size_t control_sequence(std::string_view text) {
  if (text.size() < 2 || text[0] != '\x1B' || text[1] != '[') return 0;
  std::size_t end = 2;
  while (end < text.size() && text[end] >= 0x20 && text[end] <= 0x3F) ++end;
  return end < text.size() && text[end] >= 0x40 && text[end] <= 0x7E ? end + 1 : 0;
}

struct Entity {
  std::string_view name;
  char value;
};
constexpr std::array entities{Entity{"lt", '<'}, Entity{"gt", '>'}, Entity{"amp", '&'}, Entity{"quot", '"'},
                              Entity{"apos", '\''}};

// Resolve the reference at the front of `text` ("&lt;", "&#10;", "&#x1F600;"). Return its length, or 0 without a
// reference.
std::size_t resolve_reference(std::string_view text, std::string& out) {
  const std::size_t end = text.substr(0, 12).find(';');
  if (end == std::string_view::npos || end < 2) return 0;
  const std::string_view name = text.substr(1, end - 1);
  if (name[0] == '#') {
    const bool hex = name.size() > 1 && name[1] == 'x';
    const std::string_view digits = name.substr(hex ? 2 : 1);
    std::uint32_t code = 0;
    const auto [last, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
    if (error != std::errc{} || last != digits.data() + digits.size()) return 0;
    append_utf8(out, code);
    return end + 1;
  }
  for (const Entity& entity : entities) {
    if (entity.name != name) continue;
    out += entity.value;
    return end + 1;
  }
  return 0;
}

// Line breaks of any kind become \n, or blanks.
std::string_view resolve(std::string_view raw, bool breaks_are_blanks, std::string& out) {
  out.clear();
  bool clean = true;
  while (true) {
    const std::size_t ordinary = ordinary_length(raw);
    out += raw.substr(0, ordinary);
    raw.remove_prefix(ordinary);
    if (raw.empty()) break;
    const std::size_t before = out.size();
    std::size_t length = raw[0] == '&' ? resolve_reference(raw, out) : 0;
    if (length == 0) {
      length = raw.starts_with("\r\n") ? 2 : 1;
      const char c = raw[0] == '\r' ? '\n' : raw[0];
      out += breaks_are_blanks && is_break(c) ? ' ' : c;
    }
    clean = clean && is_plain(out[before]);
    raw.remove_prefix(length);
  }
  if (!clean) out = xml_clean(out);
  return out;
}

}  // namespace

void append_utf8(std::string& out, char32_t c) {
  const auto add = [&](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) {
    out += replacement;
  } else if (c < 0x80) {
    add(c);
  } else if (c < 0x800) {
    add(0xC0 | c >> 6);
    add(0x80 | (c & 0x3F));
  } else {
    if (c >= 0x10000) add(0xF0 | c >> 18);
    add(c < 0x10000 ? 0xE0 | c >> 12 : 0x80 | (c >> 12 & 0x3F));
    add(0x80 | (c >> 6 & 0x3F));
    add(0x80 | (c & 0x3F));
  }
}

std::string xml_clean(std::string_view text) {
  if (is_clean(text)) return std::string(text);
  const std::string valid = valid_utf8(text);
  std::string out;
  out.reserve(valid.size());
  for (std::string_view rest = valid; !rest.empty();) {
    if (const std::size_t length = control_sequence(rest); length > 0) {
      rest.remove_prefix(length);
    } else if (rest.starts_with("\xEF\xBF\xBE") || rest.starts_with("\xEF\xBF\xBF")) {  // U+FFFE, U+FFFF
      out += replacement;
      rest.remove_prefix(3);
    } else {
      const bool allowed = is_plain(rest[0]) || static_cast<unsigned char>(rest[0]) >= 0x80;
      out += allowed ? rest.substr(0, 1) : replacement;
      rest.remove_prefix(1);
    }
  }
  return out;
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : xml_clean(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      // A reader would turn these into blanks or drop them.
      case '\n':
        out += "&#10;";
        break;
      case '\r':
        out += "&#13;";
        break;
      case '\t':
        out += "&#9;";
        break;
      default:
        out += c;
    }
  }
}

std::string_view attribute_text(const XmlValue& value, std::string& scratch) {
  return value.ordinary ? value.written : resolve(value.written, true, scratch);
}

std::string_view content_text(std::string_view raw, std::string& scratch) {
  return ordinary_length(raw) == raw.size() ? raw : resolve(raw, false, scratch);
}

bool is_reference(std::string_view text) {
  std::string ignored;
  return text.starts_with('&') && resolve_reference(text, ignored) > 0;
}

}  // namespace spyre::junit
