// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/core/result.hpp"
#include "agent/database/connection.hpp"
#include "agent/history/runs.hpp"
#include "agent/results/record.hpp"

namespace spyre::history {

// Adds a run in one transaction: all of it or nothing. False when the run is there already.
// Error: invalid (a record without an id or a start), busy, io.
Result<bool> import_run(database::Connection& connection, const results::RunRecord& record);

}  // namespace spyre::history
