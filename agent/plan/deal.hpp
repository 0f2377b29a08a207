// SPDX-License-Identifier: Apache-2.0
// Deals chunks to shards.
#pragma once

#include <cstddef>
#include <vector>

#include "agent/plan/cut.hpp"

namespace spyre::plan {

struct DealtShard {
  int cards = 1;
  std::vector<std::size_t> chunks;  // indices, in the order they run
  double end_s = 0;
};

struct Deal {
  std::vector<DealtShard> shards;
  double makespan_s = 0;
};

// Deal the longest chunk first to the shard that is free first. A file goes to one shard as a whole unless the whole
// would end later; its import is paid once for each shard. If chunks need several cards, some shards are as wide as the
// widest chunk; these run the chunks that need several cards, and then help with the others. The chunks of a file stand
// together in `chunks`, and none is wider than `cards`.
Deal deal(const Work& work, const std::vector<Chunk>& chunks, int cards);

// How chunks that need several cards are dealt.
struct WideDeal {
  int width = 1;                   // of each wide shard
  std::vector<DealtShard> shards;  // empty if no chunk needs several cards
  std::vector<double> ends_s;      // of each of their cards, shard by shard
};
WideDeal deal_wide(const Work& work, const std::vector<Chunk>& chunks, int cards);

}  // namespace spyre::plan
