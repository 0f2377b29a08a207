// SPDX-License-Identifier: Apache-2.0
// What happens, for people who look for a cause: on standard error, so that standard output stays a result.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"

namespace spyre::log {

// "debug", "info", "warning", "error" or "off". Error: usage.
Result<void> set_level(std::string_view level);

void debug(std::string_view message);
void info(std::string_view message);
void warning(std::string_view message);
void error(std::string_view message);

}  // namespace spyre::log
