// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/outline.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "agent/core/parallel.hpp"

namespace spyre::plan {
namespace {

double estimate(const Work& work, const Chunk& chunk) {
  return whole_milliseconds(work.files[chunk.file].import_s + chunk.seconds);
}

// Where each chunk comes when they are put in order, longest first.
std::vector<std::size_t> positions(const Work& work, const std::vector<Chunk>& chunks) {
  struct Key {
    double estimate_s;
    std::size_t chunk;
  };
  std::vector<Key> order;
  order.reserve(chunks.size());
  for (const Chunk& chunk : chunks) order.push_back({estimate(work, chunk), order.size()});
  std::ranges::sort(order, [](const Key& a, const Key& b) {
    return a.estimate_s != b.estimate_s ? a.estimate_s > b.estimate_s : a.chunk < b.chunk;
  });
  std::vector<std::size_t> out(chunks.size());
  for (std::size_t i = 0; i < order.size(); ++i) out[order[i].chunk] = i;
  return out;
}

// "b0001" is the first.
class BatchIds {
 public:
  explicit BatchIds(std::size_t count) : m_digits(std::max<std::size_t>(4, fmt::format_int(count).size())) {}
  std::string operator[](std::size_t position) const {
    const fmt::format_int number(position + 1);
    std::string id = "b";
    id.append(m_digits - number.size(), '0');
    return id.append(number.data(), number.size());
  }

 private:
  std::size_t m_digits;
};

void fill_batch(Batch& batch, const Work& work, const Chunk& chunk) {
  const FileWork& file = work.files[chunk.file];
  batch.file = {file.texts, file.path};
  batch.units.reserve(chunk.units.size());
  for (const UnitWork* unit : chunk.units) batch.units.emplace_back(file.texts, unit->id);
  batch.cards = chunk.width;
  batch.import_s = file.import_s;
  batch.estimate_s = estimate(work, chunk);
  batch.longest_s = whole_milliseconds(chunk.longest_s);
  batch.piece = chunk.piece;
  batch.pieces = chunk.pieces;
}

}  // namespace

Outline outline(const Work& work, int cards) {
  std::vector<Chunk> chunks = cut(work, total_seconds(work) / cards);
  Deal dealt = deal(work, chunks, cards);
  return {std::move(chunks), std::move(dealt)};
}

void write_outline(const Outline& outline, const Work& work, Plan& plan) {
  const std::vector<Chunk>& chunks = outline.chunks;
  const BatchIds ids(chunks.size());
  const std::vector<std::size_t> position = positions(work, chunks);
  plan.batches.resize(chunks.size());
  // In the order of the chunks, since reading from all over the memory is slower than writing to it.
  parallel_blocks(chunks.size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      Batch& batch = plan.batches[position[i]];
      batch.id = ids[position[i]];
      fill_batch(batch, work, chunks[i]);
    }
  });
  plan.shards.reserve(outline.deal.shards.size());
  for (const DealtShard& dealt : outline.deal.shards) {
    Shard shard{static_cast<int>(plan.shards.size()), dealt.cards, {}, whole_milliseconds(dealt.end_s)};
    shard.batches.reserve(dealt.chunks.size());
    for (const std::size_t chunk : dealt.chunks) shard.batches.push_back(ids[position[chunk]]);
    plan.shards.push_back(std::move(shard));
  }
  plan.makespan_s = whole_milliseconds(outline.deal.makespan_s);
  plan.lower_bound_s = std::min(whole_milliseconds(lower_bound(work, plan.cards)), plan.makespan_s);
}

}  // namespace spyre::plan
