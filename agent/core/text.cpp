// SPDX-License-Identifier: Apache-2.0
#include "agent/core/text.hpp"

#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstring>
#include <numeric>

#include <fmt/format.h>

namespace spyre {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr std::array duration_units{Unit{"ms", 1e-3}, Unit{"s", 1},      Unit{"min", 60}, Unit{"m", 60},
                                    Unit{"h", 3600},  Unit{"d", 86'400}, Unit{"", 1}};
constexpr double ki = 1024, k = 1000;
constexpr std::array size_units{Unit{"", 1},
                                Unit{"b", 1},
                                Unit{"k", k},
                                Unit{"kb", k},
                                Unit{"kib", ki},
                                Unit{"m", k* k},
                                Unit{"mb", k* k},
                                Unit{"mib", ki* ki},
                                Unit{"g", k* k* k},
                                Unit{"gb", k* k* k},
                                Unit{"gib", ki* ki* ki},
                                Unit{"tib", ki* ki* ki* ki}};

// Take one "<number><unit>" from the front of `text`; return nothing if there is none.
template <std::size_t N>
bool take_quantity(std::string_view& text, const std::array<Unit, N>& units, double& value) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{} || number < 0 || !std::isfinite(number)) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  std::size_t length = 0;
  while (length < text.size() && std::isalpha(static_cast<unsigned char>(text[length]))) ++length;
  const std::string unit = lower(text.substr(0, length));
  text.remove_prefix(length);
  for (const Unit& candidate : units) {
    if (candidate.name == unit) {
      value += number * candidate.factor;
      return true;
    }
  }
  return false;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

// Return the length of the UTF-8 character at the front of `text`; 0 if the bytes are invalid (RFC 3629).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  std::size_t length = 0;
  unsigned char low = 0x80, high = 0xBF;
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
  }
  if (length == 0 || text.size() < length || byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

// Move `at` back to the edge of a character.
std::size_t character_edge(std::string_view text, std::size_t at) {
  while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

// Match one character against the set at the front of `pattern` ("[…]") and move `pattern` behind it.
bool match_set(std::string_view& pattern, char c) {
  std::size_t i = 1;
  const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  bool found = false;
  for (bool first = true; i < pattern.size() && (first || pattern[i] != ']'); first = false) {
    if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
      found = found || (pattern[i] <= c && c <= pattern[i + 2]);
      i += 3;
    } else {
      found = found || pattern[i] == c;
      ++i;
    }
  }
  pattern.remove_prefix(std::min(i + 1, pattern.size()));
  return found != negated;
}

}  // namespace

Result<Seconds> parse_duration(std::string_view text) {
  double seconds = 0;
  std::string_view rest = trim(text);
  bool good = !rest.empty();
  while (good && !rest.empty()) good = take_quantity(rest, duration_units, seconds);
  if (!good)
    return fail(ErrorKind::usage, fmt::format("'{}' is not a duration", text), "write it as 90s, 10m or 1h30m");
  return Seconds{seconds};
}

std::string format_duration(Seconds duration) {
  const double seconds = duration.count();
  if (seconds < 1) return fmt::format("{:.0f} ms", seconds * 1e3);
  if (seconds < 59.95) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

Result<std::uint64_t> parse_size(std::string_view text) {
  double bytes = 0;
  std::string_view rest = trim(text);
  if (rest.empty() || !take_quantity(rest, size_units, bytes) || !rest.empty() || bytes > 1e18) {
    return fail(ErrorKind::usage, fmt::format("'{}' is not a size", text), "write it as 4096, 500MB or 2GiB");
  }
  return static_cast<std::uint64_t>(bytes);
}

std::string format_size(std::uint64_t bytes) {
  static constexpr std::array names{"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= ki && unit + 1 < names.size(); ++unit) value /= ki;
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, names[unit]);
}

Result<std::uint64_t> parse_count(std::string_view text, std::uint64_t max) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value > max) {
    return fail(ErrorKind::usage, fmt::format("'{}' is not a number from 0 to {}", text, max));
  }
  return value;
}

std::string nearest(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string wanted = lower(name);
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(wanted, lower(candidate));
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string best = nearest(name, candidates);
  return best.empty() ? std::string{} : fmt::format("; did you mean '{}'?", best);
}

bool glob_match(std::string_view pattern, std::string_view text) {
  while (!pattern.empty()) {
    if (pattern[0] == '*') {
      const bool deep = pattern.size() > 1 && pattern[1] == '*';
      pattern.remove_prefix(deep ? 2 : 1);
      // "**/" also matches zero directories.
      if (deep && pattern.starts_with('/') && glob_match(pattern.substr(1), text)) return true;
      for (std::size_t i = 0;; ++i) {
        if (glob_match(pattern, text.substr(i))) return true;
        if (i == text.size() || (!deep && text[i] == '/')) return false;
      }
    }
    if (text.empty()) return false;
    if (pattern[0] == '[') {
      if (!match_set(pattern, text[0])) return false;
    } else {
      if (pattern[0] != '?' && pattern[0] != text[0]) return false;
      if (pattern[0] == '?' && text[0] == '/') return false;
      pattern.remove_prefix(1);
    }
    text.remove_prefix(1);
  }
  return text.empty();
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  while (true) {
    const std::size_t end = text.find(separator, start);
    parts.push_back(text.substr(start, end == std::string_view::npos ? end : end - start));
    if (end == std::string_view::npos) return parts;
    start = end + 1;
  }
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string signal_name(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", signal);
}

bool is_commit_id(std::string_view text) {
  constexpr std::size_t digits = 40;
  return text.size() == digits && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(blank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

std::string shorten(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  const std::size_t cut = character_edge(text, limit);
  return fmt::format("{}… ({} more bytes)", text.substr(0, cut), text.size() - cut);
}

std::string head_and_tail(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  const std::size_t head = character_edge(text, limit / 2);
  const std::size_t tail = character_edge(text, text.size() - limit / 2);
  return fmt::format("{}\n[… {} bytes left out …]\n{}", text.substr(0, head), tail - head, text.substr(tail));
}

std::string valid_utf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else {
      out += bytes.substr(0, length);
    }
    bytes.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

}  // namespace spyre
