// SPDX-License-Identifier: Apache-2.0
// Times and dates as documents have them: RFC 3339, in UTC.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/core/clock.hpp"

namespace spyre {

// "2026-11-22T03:35:00.123Z": milliseconds, always three digits.
std::string format_utc(SystemTime time);
// The same of milliseconds since 1970.
std::string format_utc_ms(std::int64_t milliseconds);

// Milliseconds since 1970 of a time as format_utc writes it. The fraction may have any length or be missing, and so may
// the "Z". Nothing when the text is something else.
std::optional<std::int64_t> parse_utc(std::string_view text);
// A date: "2026-11-22". Nothing when the text is something else.
std::optional<std::chrono::sys_days> parse_date(std::string_view text);

}  // namespace spyre
