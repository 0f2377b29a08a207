// SPDX-License-Identifier: Apache-2.0
// Where things are kept between runs (XDG Base Directory Specification).
#pragma once

#include <filesystem>
#include <string>

#include "agent/core/config.hpp"
#include "agent/core/result.hpp"

namespace spyre::job {

// $XDG_CACHE_HOME/spyre-ci or ~/.cache/spyre-ci: can be deleted at any time. Error: config when neither is known.
Result<std::filesystem::path> cache_directory();
// $XDG_STATE_HOME/spyre-ci or ~/.local/state/spyre-ci: what should be kept. Error: as above.
Result<std::filesystem::path> state_directory();
// The history that the configuration names, or a SQLite file in $XDG_STATE_HOME/spyre-ci or ~/.local/state/spyre-ci.
Result<std::string> history_url(const Config& config);

// The directory of the leases that the configuration names, or one in the user's state directory.
Result<std::filesystem::path> leases_directory(const Config& config);

}  // namespace spyre::job
