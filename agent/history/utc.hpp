// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spyre::history {

// Milliseconds since 1970 of a time as format_utc writes it ("2026-11-22T03:35:00.123Z"); the fraction may have any
// length or be missing, and so may the "Z". Nothing when it is something else.
std::optional<std::int64_t> parse_utc(std::string_view text);
// The way back.
std::string format_utc_ms(std::int64_t milliseconds);

}  // namespace spyre::history
