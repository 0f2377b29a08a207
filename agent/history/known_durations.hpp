// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/core/result.hpp"
#include "agent/history/database.hpp"
#include "agent/history/store.hpp"

namespace spyre::history {

// As Store::durations. Error: as Database::read.
Result<KnownDurations> read_known_durations(Database& database, const std::string& card_kind);

}  // namespace spyre::history
