// SPDX-License-Identifier: Apache-2.0
// Old results go, what is learnt from them stays.
#pragma once

#include <cstddef>
#include <cstdint>

#include "agent/core/result.hpp"

namespace spyre::database {
class Connection;
}

namespace spyre::history {

struct Pruned {
  std::size_t runs = 0;      // whose results went
  std::size_t attempts = 0;  // that went
};

// Deletes the attempts of all runs that started before `before` (milliseconds since 1970). Each case keeps a line a
// month; runs, totals and estimates stay as they are. One transaction a run, so that imports need not wait for long;
// what was done when it was interrupted stays done. Error: busy, io.
Result<Pruned> prune_results(database::Connection& connection, std::int64_t before);

}  // namespace spyre::history
