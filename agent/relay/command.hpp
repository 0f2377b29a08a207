// SPDX-License-Identifier: Apache-2.0
// A command whose output is wanted: started without a shell, and for a bounded time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"

namespace spyre::relay {

// Words between white space; '…' and "…" keep it, and a backslash outside of '…' keeps the next character. Nothing else
// is special. Error: usage (nothing, or a quote that does not end).
Result<std::vector<std::string>> split_words(std::string_view text);

// Return what the program prints on its standard output; its standard error is dropped, for it could hold secrets.
// argv[0] is searched in PATH. The program is stopped, with its process group, at the time limit (SIGKILL follows
// SIGTERM after 5 s), or when its output is longer than `limit` bytes.
// Error: infra; messages hold nothing of the output.
Result<std::string> output_of(const std::vector<std::string>& argv, Seconds time_limit, std::size_t limit);

}  // namespace spyre::relay
