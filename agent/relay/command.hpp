// SPDX-License-Identifier: Apache-2.0
// Runs a command for its output, without a shell and with a time limit.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"

namespace spyre::relay {

// Split a command into words at white space. '…' and "…" keep white space, and a backslash outside of '…' keeps the
// next character. No other characters are special. Error: usage (empty, or an unterminated quote).
Result<std::vector<std::string>> split_words(std::string_view text);

// Return what the program prints on its standard output; its standard error is dropped, because it could contain
// secrets. argv[0] is searched in PATH. The program is stopped, with its process group, at the time limit (SIGKILL
// follows SIGTERM after 5 s), or when its output is longer than `limit` bytes. Error: infra; messages do not contain
// any part of the output.
Result<std::string> output_of(const std::vector<std::string>& argv, Seconds time_limit, std::size_t limit);

}  // namespace spyre::relay
