// SPDX-License-Identifier: Apache-2.0
// From chunks to shards.
#pragma once

#include <cstddef>
#include <vector>

#include "agent/plan/cut.hpp"

namespace spyre::plan {

struct Deal {
  std::vector<std::vector<std::size_t>> shards;  // indices of chunks, in the order they run
  std::vector<double> ends_s;                    // of each shard
  double makespan_s = 0;
};

// Deals longest first to the shard that is free first. A file goes to one shard as a whole unless that would make the
// whole end later; its import is paid once a shard. The chunks of a file stand together in `chunks`.
Deal deal(const Work& work, const std::vector<Chunk>& chunks, int shards);

}  // namespace spyre::plan
