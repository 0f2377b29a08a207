// SPDX-License-Identifier: Apache-2.0
// Messages for people who look for a cause. They go to standard error, so that standard output holds only the result.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"

namespace spyre::log {

// Set the level: "debug", "info", "warning", "error" or "off". Error: usage.
Result<void> set_level(std::string_view level);

void debug(std::string_view message);
void info(std::string_view message);
void warning(std::string_view message);
void error(std::string_view message);

}  // namespace spyre::log
