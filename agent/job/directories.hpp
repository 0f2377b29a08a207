// SPDX-License-Identifier: Apache-2.0
// Where things are kept between runs (XDG Base Directory Specification).
#pragma once

#include <filesystem>
#include <string>

#include "agent/core/config.hpp"
#include "agent/core/result.hpp"

namespace spyre::job {

// $XDG_CACHE_HOME/spyre-ci or ~/.cache/spyre-ci: can be deleted at any time. Error: config when neither is known.
Result<std::filesystem::path> cache_folder();
// $XDG_STATE_HOME/spyre-ci or ~/.local/state/spyre-ci: what should be kept. Error: as above.
Result<std::filesystem::path> state_folder();
// The history that the configuration names, or a SQLite file in $XDG_STATE_HOME/spyre-ci or ~/.local/state/spyre-ci.
Result<std::string> history_url(const Config& config);

// The folder of the leases that the configuration names, or one in the user's state folder.
Result<std::filesystem::path> leases_folder(const Config& config);

}  // namespace spyre::job
