// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/core/result.hpp"
#include "agent/database/connection.hpp"
#include "agent/history/store.hpp"

namespace spyre::history {

// As Store::durations. Error: as database::Connection::read.
Result<KnownDurations> read_known_durations(database::Connection& connection, const std::string& card_kind);

}  // namespace spyre::history
