// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/core/result.hpp"

namespace spyre::cli {

// Return a whole file, or standard input for "-". Error: not_found, io, invalid (too large).
Result<std::string> read_input(const std::string& file);

}  // namespace spyre::cli
