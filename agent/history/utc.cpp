// SPDX-License-Identifier: Apache-2.0
#include "agent/history/utc.hpp"

#include <chrono>

#include "agent/core/clock.hpp"
#include "agent/core/text.hpp"

namespace spyre::history {
namespace {

// Exactly `digits` digits from the front of `text`, and the separator behind them when there is one.
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

// ".123456" from the front of `text`, as milliseconds.
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

}  // namespace

std::optional<std::int64_t> parse_utc(std::string_view text) {
  using namespace std::chrono;
  const auto year_ = take(text, 4, '-'), month_ = take(text, 2, '-'), day_ = take(text, 2, 'T');
  const auto hour_ = take(text, 2, ':'), minute_ = take(text, 2, ':'), second_ = take(text, 2, '\0');
  const auto fraction = take_fraction(text);
  if (!year_ || !month_ || !day_ || !hour_ || !minute_ || !second_ || !fraction) return std::nullopt;
  if (!text.empty() && text != "Z") return std::nullopt;
  const year_month_day date{year{*year_}, month{static_cast<unsigned>(*month_)}, day{static_cast<unsigned>(*day_)}};
  if (!date.ok() || *hour_ > 23 || *minute_ > 59 || *second_ > 60) return std::nullopt;
  const sys_time<milliseconds> time =
      sys_days{date} + hours{*hour_} + minutes{*minute_} + seconds{*second_} + milliseconds{*fraction};
  return time.time_since_epoch().count();
}

std::string format_utc_ms(std::int64_t milliseconds) {
  return format_utc(SystemTime{std::chrono::milliseconds{milliseconds}});
}

}  // namespace spyre::history
