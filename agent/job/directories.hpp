// SPDX-License-Identifier: Apache-2.0
// Directories that are kept between runs (XDG Base Directory Specification).
#pragma once

#include <filesystem>
#include <string>

#include "agent/core/config.hpp"
#include "agent/core/result.hpp"

namespace spyre::job {

// Return $XDG_CACHE_HOME/spyre-ci or ~/.cache/spyre-ci, which can be deleted at any time. Error: config (neither is
// known).
Result<std::filesystem::path> cache_directory();
// Return $XDG_STATE_HOME/spyre-ci or ~/.local/state/spyre-ci, for data that should be kept. Error: as above.
Result<std::filesystem::path> state_directory();
// Return the configured history, or a SQLite file in $XDG_STATE_HOME/spyre-ci or ~/.local/state/spyre-ci.
Result<std::string> history_url(const Config& config);

// Return the configured directory of the leases, or one in the user's state directory.
Result<std::filesystem::path> leases_directory(const Config& config);

}  // namespace spyre::job
