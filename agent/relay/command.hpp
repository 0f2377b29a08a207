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

// What the program prints on its standard output; its standard error goes nowhere, for it could hold what nobody may
// see. argv[0] is looked for in PATH. Killed, with its process group, when the time is over or the output too long.
// Error: infra; messages hold nothing of the output.
Result<std::string> output_of(const std::vector<std::string>& argv, Seconds time_limit, std::size_t limit);

}  // namespace spyre::relay
