// SPDX-License-Identifier: Apache-2.0
// The tables of a history, and their migrations.
#pragma once

#include <cstdint>

#include "agent/core/result.hpp"
#include "agent/database/connection.hpp"

namespace spyre::history {

inline constexpr database::Owner owner{
    .noun = "history",
    .setting = "history.url",
    .after_loss = "give another file, or move this one away: a new one is created and runs can be imported again",
    .application_id = 0x53505952,  // "SPYR"
    .schema = "spyre_ci"};

// Migrate the schema to the newest version in one transaction. Several processes may call it at once. Error: invalid
// (the schema is newer than this program), busy, io.
Result<void> migrate(database::Connection& connection);
// Migrate to a version, for tests of later migrations.
Result<void> migrate(database::Connection& connection, std::int64_t target);

// Return the newest schema version that this program supports.
std::int64_t newest_schema_version();

}  // namespace spyre::history
