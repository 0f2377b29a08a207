// SPDX-License-Identifier: Apache-2.0
// The tables of a history, and how older ones become the newest.
#pragma once

#include <cstdint>

#include "agent/core/result.hpp"
#include "agent/history/database.hpp"

namespace spyre::history {

// Brings the schema up to date in one transaction; safe when several processes do it at once.
// Error: invalid (a newer schema than this program knows), busy, io.
Result<void> migrate(Database& database);
// The same up to a version: for tests of what came after it.
Result<void> migrate(Database& database, std::int64_t target);

// The newest version that this program knows.
std::int64_t newest_schema_version();

}  // namespace spyre::history
