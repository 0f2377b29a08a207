// SPDX-License-Identifier: Apache-2.0
// Deletes old results, and keeps what was learnt from them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "agent/core/result.hpp"

namespace spyre::database {
class Connection;
}

namespace spyre::history {

struct Pruned {
  std::size_t runs = 0;      // with deleted results
  std::size_t attempts = 0;  // deleted
};

// Delete the attempts of all runs that started before `before` (milliseconds since 1970). Each case keeps one row per
// month; runs, totals and estimates are kept unchanged. There is one transaction per run, so that imports do not wait
// for long. After an interruption, the runs processed so far stay deleted. Error: busy, io.
Result<Pruned> prune_results(database::Connection& connection, std::int64_t before);

}  // namespace spyre::history
