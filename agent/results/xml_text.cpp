// SPDX-License-Identifier: Apache-2.0
#include "agent/results/xml_text.hpp"

#include <algorithm>

#include "agent/core/text.hpp"

namespace spyre::results {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

bool plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte < 0x80) || c == '\n' || c == '\t' || c == '\r';
}

// Length of a terminal's control sequence at the front of `text` ("ESC [ 31 m"), or 0.
std::size_t control_sequence(std::string_view text) {
  if (text.size() < 2 || text[0] != '\x1B' || text[1] != '[') return 0;
  std::size_t end = 2;
  while (end < text.size() && text[end] >= 0x20 && text[end] <= 0x3F) ++end;
  return end < text.size() && text[end] >= 0x40 && text[end] <= 0x7E ? end + 1 : 0;
}

}  // namespace

std::string xml_clean(std::string_view text) {
  if (std::all_of(text.begin(), text.end(), plain)) return std::string(text);
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
      const bool allowed = plain(rest[0]) || static_cast<unsigned char>(rest[0]) >= 0x80;
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
      // As they are, a reader would turn these into blanks or drop them.
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

}  // namespace spyre::results
