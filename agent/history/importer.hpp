// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/core/result.hpp"
#include "agent/database/connection.hpp"
#include "agent/history/runs.hpp"
#include "agent/results/record.hpp"

namespace spyre::history {

// Add a run in one transaction. Return false when the run is already there. Error: invalid (a record without an id or a
// start), busy, io.
Result<bool> import_run(database::Connection& connection, const results::RunRecord& record);

}  // namespace spyre::history
