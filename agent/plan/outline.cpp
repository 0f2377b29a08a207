// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/outline.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include <boost/sort/pdqsort/pdqsort.hpp>
#include <fmt/format.h>

#include "agent/core/parallel.hpp"

namespace spyre::plan {
namespace {

double estimate(const Work& work, const Chunk& chunk) {
  return whole_milliseconds(work.files[chunk.file].import_s + chunk.seconds);
}

// Return the position of each chunk in the order from longest to shortest.
std::vector<std::size_t> positions(const Work& work, const std::vector<Chunk>& chunks) {
  // The estimate in milliseconds, longest first, and the chunk in one number, which sorts fastest.
  std::vector<std::uint64_t> order;
  order.reserve(chunks.size());
  for (const Chunk& chunk : chunks) {
    const double seconds = work.files[chunk.file].import_s + chunk.seconds;
    const auto milliseconds = static_cast<std::uint32_t>(std::min(seconds * 1000 + 0.5, 4e9));
    order.push_back(std::uint64_t{~milliseconds} << 32 | order.size());
  }
  boost::sort::pdqsort_branchless(order.begin(), order.end());
  std::vector<std::size_t> out(chunks.size());
  for (std::size_t i = 0; i < order.size(); ++i) out[order[i] & 0xFFFFFFFF] = i;
  return out;
}

// The first id is "b0001".
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

// Batches are scattered in memory: prefetch them before they are written.
constexpr std::size_t batches_ahead = 8;
void fetch_for_writing(Batch& batch) {
  constexpr std::size_t cache_line = 64;
  auto* const begin = reinterpret_cast<char*>(&batch);
  for (std::size_t at = 0; at < sizeof batch; at += cache_line) __builtin_prefetch(begin + at, 1);
}

// Return the position of each chunk's batch.
std::vector<std::size_t> write_batches(const Work& work, const std::vector<Chunk>& chunks, Plan& plan) {
  const BatchIds ids(chunks.size());
  std::vector<std::size_t> position = positions(work, chunks);
  plan.batches.resize(chunks.size());
  // In the order of the chunks, because reading scattered memory is slower than writing it.
  parallel_blocks(chunks.size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      if (i + batches_ahead < end) fetch_for_writing(plan.batches[position[i + batches_ahead]]);
      Batch& batch = plan.batches[position[i]];
      batch.id = ids[position[i]];
      fill_batch(batch, work, chunks[i]);
    }
  });
  return position;
}

void write_shards(const Deal& deal, const std::vector<std::size_t>& position, const Work& work, Plan& plan) {
  const BatchIds ids(position.size());
  plan.shards.resize(deal.shards.size());
  parallel_for(deal.shards.size(), [&](std::size_t index) {
    const DealtShard& dealt = deal.shards[index];
    Shard& shard = plan.shards[index] = {static_cast<int>(index), dealt.cards, {}, whole_milliseconds(dealt.end_s)};
    shard.batches.reserve(dealt.chunks.size());
    for (const std::size_t chunk : dealt.chunks) shard.batches.push_back(ids[position[chunk]]);
  });
  plan.makespan_s = whole_milliseconds(deal.makespan_s);
  plan.lower_bound_s = std::min(whole_milliseconds(lower_bound(work, plan.cards)), plan.makespan_s);
}

}  // namespace

Outline outline(const Work& work, int cards) {
  Chunks chunks = cut(work, total_seconds(work) / cards);
  Deal dealt = deal(work, chunks.list, cards);
  return {std::move(chunks), std::move(dealt)};
}

void write_outline(const Outline& outline, const Work& work, Plan& plan) {
  write_shards(outline.deal, write_batches(work, outline.chunks.list, plan), work, plan);
}

void write_plan(const Work& work, Plan& plan) {
  const Chunks chunks = cut(work, total_seconds(work) / plan.cards);
  Deal dealt;
  std::vector<std::size_t> position;
  parallel_for(2, [&](std::size_t half) {
    if (half == 0) {
      dealt = deal(work, chunks.list, plan.cards);
    } else {
      position = write_batches(work, chunks.list, plan);
    }
  });
  write_shards(dealt, position, work, plan);
}

}  // namespace spyre::plan
