// SPDX-License-Identifier: Apache-2.0
#include "agent/report/terminal.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "agent/core/text.hpp"

namespace spyre::report {
namespace {

using Range = std::pair<char32_t, char32_t>;

// Unicode 15, in blocks: precise enough for a line that is soon redrawn.
constexpr std::array zero_width{Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD},
                                Range{0x0610, 0x061A}, Range{0x064B, 0x065F}, Range{0x06D6, 0x06DC},
                                Range{0x0E34, 0x0E3A}, Range{0x0E47, 0x0E4E}, Range{0x1AB0, 0x1AFF},
                                Range{0x1DC0, 0x1DFF}, Range{0x200B, 0x200F}, Range{0x20D0, 0x20FF},
                                Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}, Range{0xE0100, 0xE01EF}};
constexpr std::array two_wide{Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0xA4CF},
                              Range{0xA960, 0xA97C},   Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},
                              Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},
                              Range{0x1F300, 0x1F64F}, Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1F9FF},
                              Range{0x20000, 0x3FFFD}};

template <std::size_t N>
bool is_in(const std::array<Range, N>& ranges, char32_t c) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const Range& r) { return r.first <= c && c <= r.second; });
}

std::size_t columns(char32_t c) {
  if (c < 0x300) return 1;
  if (is_in(zero_width, c)) return 0;
  return is_in(two_wide, c) ? 2 : 1;
}

// Return the first character of valid UTF-8, and its length in bytes.
std::pair<char32_t, std::size_t> first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(i < text.size() ? text[i] : 0); };
  if (byte(0) < 0x80) return {byte(0), 1};
  if (byte(0) < 0xE0) return {(byte(0) & 0x1Fu) << 6 | (byte(1) & 0x3Fu), 2};
  if (byte(0) < 0xF0) return {(byte(0) & 0x0Fu) << 12 | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu), 3};
  return {(byte(0) & 0x07u) << 18 | (byte(1) & 0x3Fu) << 12 | (byte(2) & 0x3Fu) << 6 | (byte(3) & 0x3Fu), 4};
}

bool is_control(char32_t c) {
  // C0, DEL, C1, and characters that change the text direction.
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

std::string cleaned(std::string_view text, std::string_view kept) {
  const std::string valid = valid_utf8(text);
  std::string out;
  out.reserve(valid.size());
  for (std::string_view rest = valid; !rest.empty();) {
    const auto [c, length] = first_character(rest);
    if (!is_control(c) || (c < 0x80 && kept.find(static_cast<char>(c)) != std::string_view::npos)) {
      out += rest.substr(0, length);
    } else if (c == '\n' || c == '\r' || c == '\t') {
      out += ' ';
    } else {
      out += '?';
    }
    rest.remove_prefix(std::min(length, rest.size()));
  }
  return out;
}

std::string variable(const std::map<std::string, std::string>& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string{} : found->second;
}

bool speaks_utf8(const std::map<std::string, std::string>& environment) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string locale = lower(variable(environment, name));
    if (locale.empty()) continue;
    return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
  }
  return false;
}

int terminal_width(int fd) {
  winsize size{};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

Style style_of(int fd, const std::map<std::string, std::string>& environment) {
  Style style;
  const bool terminal = ::isatty(fd) == 1;
  const std::string term = variable(environment, "TERM");
  style.live = terminal && !term.empty() && term != "dumb" && variable(environment, "CI").empty();
  style.colour = style.live && variable(environment, "NO_COLOR").empty();
  style.unicode = speaks_utf8(environment);
  if (terminal) style.width = [fd] { return terminal_width(fd); };
  return style;
}

std::size_t display_width(std::string_view text) {
  const std::string valid = valid_utf8(text);
  std::size_t width = 0;
  for (std::string_view rest = valid; !rest.empty();) {
    const auto [c, length] = first_character(rest);
    width += columns(c);
    rest.remove_prefix(length);
  }
  return width;
}

std::string fit(std::string_view text, std::size_t width, bool unicode) {
  if (display_width(text) <= width) return std::string(text);
  const std::string_view ellipsis = unicode ? "…" : "...";
  const std::size_t room = width - std::min(width, display_width(ellipsis));
  const std::string valid = valid_utf8(text);
  std::size_t used = 0, end = 0;
  for (std::string_view rest = valid; !rest.empty();) {
    const auto [c, length] = first_character(rest);
    if (used + columns(c) > room) break;
    used += columns(c);
    end += length;
    rest.remove_prefix(length);
  }
  return width < display_width(ellipsis) ? std::string{} : valid.substr(0, end) + std::string(ellipsis);
}

std::string one_line(std::string_view text) {
  return cleaned(text, {});
}

std::string printable(std::string_view text) {
  return cleaned(text, "\n\t");
}

std::string coloured(std::string_view text, Colour colour, bool enabled) {
  if (!enabled || colour == Colour::none || text.empty()) return std::string(text);
  constexpr std::array codes{"0", "31", "32", "33", "90", "1"};
  return fmt::format("\x1b[{}m{}\x1b[0m", codes[static_cast<std::size_t>(colour)], text);
}

}  // namespace spyre::report
