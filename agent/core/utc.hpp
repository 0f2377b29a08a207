// SPDX-License-Identifier: Apache-2.0
// Times and dates of documents: RFC 3339, in UTC.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/core/clock.hpp"

namespace spyre {

// Return "2026-11-22T03:35:00.123Z": milliseconds, always three digits.
std::string format_utc(SystemTime time);
// Return the same for milliseconds since 1970.
std::string format_utc_ms(std::int64_t milliseconds);

// Return milliseconds since 1970 of a time as format_utc writes it; nothing for any other text. The fraction may have
// any length or be missing, and so may the "Z".
std::optional<std::int64_t> parse_utc(std::string_view text);
// Return a date, "2026-11-22"; nothing for any other text.
std::optional<std::chrono::sys_days> parse_date(std::string_view text);

}  // namespace spyre
