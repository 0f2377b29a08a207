// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/outline.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "agent/core/parallel.hpp"

namespace spyre::plan {
namespace {

double estimate(const Work& work, const Chunk& chunk) {
  return whole_milliseconds(work.files[chunk.file].import_s + chunk.seconds);
}

std::vector<std::size_t> longest_first(const Work& work, const std::vector<Chunk>& chunks) {
  std::vector<std::size_t> order(chunks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<double> estimates(chunks.size());
  for (std::size_t i = 0; i < chunks.size(); ++i) estimates[i] = estimate(work, chunks[i]);
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return estimates[a] > estimates[b]; });
  return order;
}

Batch make_batch(const Work& work, const Chunk& chunk, std::string id) {
  const FileWork& file = work.files[chunk.file];
  Batch batch;
  batch.id = std::move(id);
  batch.file = file.path;
  batch.units.reserve(chunk.units.size());
  for (const UnitWork* unit : chunk.units) batch.units.push_back(*unit->id);
  batch.cards = chunk.width;
  batch.import_s = file.import_s;
  batch.estimate_s = estimate(work, chunk);
  batch.longest_s = whole_milliseconds(chunk.longest_s);
  batch.piece = chunk.piece;
  batch.pieces = chunk.pieces;
  return batch;
}

}  // namespace

Outline outline(const Work& work, int cards) {
  std::vector<Chunk> chunks = cut(work, total_seconds(work) / cards);
  Deal dealt = deal(work, chunks, cards);
  return {std::move(chunks), std::move(dealt)};
}

void write_outline(const Outline& outline, const Work& work, Plan& plan) {
  const std::vector<Chunk>& chunks = outline.chunks;
  const std::size_t digits = std::max<std::size_t>(4, std::to_string(chunks.size()).size());
  std::vector<std::string> ids(chunks.size());
  const std::vector<std::size_t> order = longest_first(work, chunks);
  plan.batches.resize(chunks.size());
  parallel_for(chunks.size(), [&](std::size_t i) {
    ids[order[i]] = fmt::format("b{:0{}}", i + 1, digits);
    plan.batches[i] = make_batch(work, chunks[order[i]], ids[order[i]]);
  });
  plan.shards.reserve(outline.deal.shards.size());
  for (const DealtShard& dealt : outline.deal.shards) {
    Shard shard{static_cast<int>(plan.shards.size()), dealt.cards, {}, whole_milliseconds(dealt.end_s)};
    shard.batches.reserve(dealt.chunks.size());
    for (const std::size_t chunk : dealt.chunks) shard.batches.push_back(ids[chunk]);
    plan.shards.push_back(std::move(shard));
  }
  plan.makespan_s = whole_milliseconds(outline.deal.makespan_s);
  plan.lower_bound_s = std::min(whole_milliseconds(lower_bound(work, plan.cards)), plan.makespan_s);
}

}  // namespace spyre::plan
