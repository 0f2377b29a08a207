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

// "90s", "10m", "1h30m", "500ms", "2d"; a bare number is seconds. Never negative. Error: usage.
Result<Seconds> parse_duration(std::string_view text);
// "850 ms", "12.3 s", "2 min 05 s", "1 h 04 min": at most two units.
std::string format_duration(Seconds duration);
// "2GiB", "500MB", "64k", "4096": bytes. Error: usage.
Result<std::uint64_t> parse_size(std::string_view text);
std::string format_size(std::uint64_t bytes);
// Digits and nothing else, within [0, max]. Error: usage.
Result<std::uint64_t> parse_count(std::string_view text, std::uint64_t max);

// The candidate nearest to a misspelt name, or an empty string when none is near.
std::string nearest(std::string_view name, const std::vector<std::string>& candidates);
// "; did you mean 'x'?" or nothing: for the end of an error message.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

// Shell-like pattern over a whole text: `*` any run of characters except '/', `**` any run, `?` one character, `[a-z]`.
bool glob_match(std::string_view pattern, std::string_view text);

std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string_view trim(std::string_view text);
// ASCII letters in lower case; other bytes stay.
std::string lower(std::string_view text);
// "SIGTERM", or "signal 77".
std::string signal_name(int signal);
// Whether it is a commit's id in full: 40 hexadecimal digits, in either case.
bool is_commit_id(std::string_view text);
// The first `limit` bytes, cut at a character's edge, with a mark of how much is missing.
std::string shorten(std::string_view text, std::size_t limit);
// At most `limit` bytes: the head and the tail, with a line between them that says how much was left out.
std::string head_and_tail(std::string_view text, std::size_t limit);
// Valid UTF-8: bytes that are not become U+FFFD.
std::string valid_utf8(std::string_view bytes);

}  // namespace spyre
