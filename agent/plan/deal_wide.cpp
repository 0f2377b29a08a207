// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "agent/plan/deal.hpp"

namespace spyre::plan {
namespace {

std::vector<std::size_t> wide_chunks_longest_first(const std::vector<Chunk>& chunks) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    if (chunks[i].width > 1) order.push_back(i);
  }
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return chunks[a].seconds > chunks[b].seconds; });
  return order;
}

// A wide shard while it is filled.
class WideShard {
 public:
  explicit WideShard(std::size_t width) : m_ends(width, 0.0), m_files(width, none) {}

  struct Place {
    double end = std::numeric_limits<double>::infinity();
    std::vector<std::size_t> cards;
  };
  // Use the cards that have the file open, or those that are free first, whichever end earlier.
  Place place_for(const Chunk& chunk, double import_s) const {
    const auto width = static_cast<std::size_t>(chunk.width);
    std::vector<std::size_t> order(m_ends.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t card) { return m_ends[card]; });
    Place cold{m_ends[order[width - 1]] + import_s + chunk.seconds, {order.begin(), order.begin() + chunk.width}};
    std::vector<std::size_t> open;
    for (std::size_t card = 0; card < m_ends.size(); ++card) {
      if (m_files[card] == chunk.file) open.push_back(card);
    }
    if (open.size() != width) return cold;
    Place warm{m_ends[open.front()] + chunk.seconds, open};
    return warm.end <= cold.end ? warm : cold;
  }
  void put(std::size_t index, const Chunk& chunk, const Place& place) {
    for (const std::size_t card : place.cards) {
      m_ends[card] = place.end;
      m_files[card] = chunk.file;
    }
    m_chunks.push_back(index);
  }
  const std::vector<double>& ends() const { return m_ends; }
  const std::vector<std::size_t>& chunks() const { return m_chunks; }

 private:
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
  std::vector<double> m_ends;        // of each card
  std::vector<std::size_t> m_files;  // that each card has open
  std::vector<std::size_t> m_chunks;
};

}  // namespace

WideDeal deal_wide(const Work& work, const std::vector<Chunk>& chunks, int cards) {
  const std::vector<std::size_t> order = wide_chunks_longest_first(chunks);
  WideDeal out;
  if (order.empty()) return out;
  double card_seconds = 0;
  for (const std::size_t index : order) {
    const Chunk& chunk = chunks[index];
    out.width = std::max(out.width, chunk.width);
    card_seconds += (work.files[chunk.file].import_s + chunk.seconds) * chunk.width;
  }
  const double fair_share = total_seconds(work) / cards;
  const double wanted = fair_share > 0 ? std::ceil(card_seconds / (out.width * fair_share)) : 1;
  const auto count = static_cast<std::size_t>(std::clamp<double>(wanted, 1, std::floor(cards / out.width)));

  std::vector<WideShard> shards(count, WideShard(static_cast<std::size_t>(out.width)));
  for (const std::size_t index : order) {
    const Chunk& chunk = chunks[index];
    WideShard* best = nullptr;
    WideShard::Place best_place;
    for (WideShard& shard : shards) {
      WideShard::Place place = shard.place_for(chunk, work.files[chunk.file].import_s);
      if (place.end < best_place.end) {
        best = &shard;
        best_place = std::move(place);
      }
    }
    best->put(index, chunk, best_place);
  }
  for (const WideShard& shard : shards) {
    out.shards.push_back({out.width, shard.chunks(), std::ranges::max(shard.ends())});
    out.ends_s.insert(out.ends_s.end(), shard.ends().begin(), shard.ends().end());
  }
  return out;
}

}  // namespace spyre::plan
