// SPDX-License-Identifier: Apache-2.0
// Text as people write it: durations, sizes, patterns, misspelt names, signals.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"

namespace spyre {

// Parse a duration: "90s", "10m", "1h30m", "500ms", "2d"; a bare number is seconds. Never negative. Error: usage.
Result<Seconds> parse_duration(std::string_view text);
// Return "850 ms", "12.3 s", "2 min 05 s", "1 h 04 min": at most two units.
std::string format_duration(Seconds duration);
// Parse a number of bytes: "2GiB", "500MB", "64k", "4096". Error: usage.
Result<std::uint64_t> parse_size(std::string_view text);
std::string format_size(std::uint64_t bytes);
// Parse a text of digits only, within [0, max]. Error: usage.
Result<std::uint64_t> parse_count(std::string_view text, std::uint64_t max);

// Return the candidate nearest to a misspelt name; empty if none is near.
std::string nearest(std::string_view name, const std::vector<std::string>& candidates);
// Return "; did you mean 'x'?" or an empty string: for the end of an error message.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

// Match a shell-like pattern against a whole text: `*` any run of characters except '/', `**` any run, `?` one
// character, `[a-z]`.
bool glob_match(std::string_view pattern, std::string_view text);

std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string_view trim(std::string_view text);
// Return the text with ASCII letters in lower case; other bytes stay.
std::string lower(std::string_view text);
// Return "SIGTERM", or "signal 77" for an unknown number.
std::string signal_name(int signal);
// Return whether the text is a full commit id: 40 hexadecimal digits, in either case.
bool is_commit_id(std::string_view text);
// Return the first `limit` bytes, cut at the edge of a character, with a note of how much is missing.
std::string shorten(std::string_view text, std::size_t limit);
// Return at most `limit` bytes: the head and the tail, with a line between them that says how much was left out.
std::string head_and_tail(std::string_view text, std::size_t limit);
// Return valid UTF-8, with U+FFFD in place of invalid bytes.
std::string valid_utf8(std::string_view bytes);

}  // namespace spyre
