// SPDX-License-Identifier: Apache-2.0
#include "agent/core/utc.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "agent/core/text.hpp"

namespace spyre {
namespace {

// Take exactly `digits` digits from the front of `text`, and the separator behind them if there is one.
std::optional<int> take(std::string_view& text, std::size_t digits, char separator) {
  const auto value = parse_count(text.substr(0, digits), 9999);
  if (text.size() < digits || !value) return std::nullopt;
  text.remove_prefix(digits);
  if (separator != '\0') {
    if (!text.starts_with(separator)) return std::nullopt;
    text.remove_prefix(1);
  }
  return static_cast<int>(*value);
}

// Take ".123456" from the front of `text` and return milliseconds.
std::optional<int> take_fraction(std::string_view& text) {
  if (!text.starts_with('.')) return 0;
  text.remove_prefix(1);
  int value = 0, digits = 0;
  for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), ++digits) {
    if (digits < 3) value = value * 10 + (text[0] - '0');
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 3; ++digits) value *= 10;
  return value;
}

// Take "2026-11-22" from the front of `text`.
std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
  using namespace std::chrono;
  const auto y = take(text, 4, '-'), m = take(text, 2, '-'), d = take(text, 2, '\0');
  if (!y || !m || !d) return std::nullopt;
  const year_month_day date{year{*y}, month{static_cast<unsigned>(*m)}, day{static_cast<unsigned>(*d)}};
  return date.ok() ? std::optional<sys_days>(date) : std::nullopt;
}

}  // namespace

std::string format_utc(SystemTime time) {
  const auto since_epoch = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(static_cast<std::time_t>(seconds.count())),
                     (since_epoch - seconds).count());
}

std::string format_utc_ms(std::int64_t milliseconds) {
  return format_utc(SystemTime{std::chrono::milliseconds{milliseconds}});
}

std::optional<std::chrono::sys_days> parse_date(std::string_view text) {
  const auto date = take_date(text);
  return text.empty() ? date : std::nullopt;
}

std::optional<std::int64_t> parse_utc(std::string_view text) {
  using namespace std::chrono;
  const auto date = take_date(text);
  if (!date || !text.starts_with('T')) return std::nullopt;
  text.remove_prefix(1);
  const auto h = take(text, 2, ':'), min = take(text, 2, ':'), s = take(text, 2, '\0');
  const auto fraction = take_fraction(text);
  if (!h || !min || !s || !fraction) return std::nullopt;
  if (!text.empty() && text != "Z") return std::nullopt;
  if (*h > 23 || *min > 59 || *s > 60) return std::nullopt;
  const sys_time<milliseconds> time = *date + hours{*h} + minutes{*min} + seconds{*s} + milliseconds{*fraction};
  return time.time_since_epoch().count();
}

}  // namespace spyre
