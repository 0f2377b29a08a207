// SPDX-License-Identifier: Apache-2.0
// The tables of a history, and how older ones become the newest.
#pragma once

#include <cstdint>

#include "agent/core/result.hpp"
#include "agent/database/connection.hpp"

namespace spyre::history {

inline constexpr database::Owner owner{
    .noun = "history",
    .setting = "history.url",
    .after_loss = "give another file, or move this one away: a new one is made and runs can be imported again",
    .application_id = 0x53505952,  // "SPYR"
    .schema = "spyre_ci"};

// Brings the schema up to date in one transaction; safe when several processes do it at once.
// Error: invalid (a newer schema than this program knows), busy, io.
Result<void> migrate(database::Connection& connection);
// The same up to a version: for tests of what came after it.
Result<void> migrate(database::Connection& connection, std::int64_t target);

// The newest version that this program knows.
std::int64_t newest_schema_version();

}  // namespace spyre::history
