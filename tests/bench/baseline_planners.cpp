// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/baseline_planners.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <utility>
#include <vector>

#include "agent/core/hash.hpp"
#include "agent/plan/outline.hpp"

namespace spyre::plan {
namespace {

constexpr double ten_minutes_s = 600;

// Chunks that need several cards, cut and dealt as ours are; and shards of one card for the others to fill.
Outline gangs_only(const Work& work, int cards) {
  Outline out{cut(work, total_seconds(work) / cards), {}};
  std::erase_if(out.chunks.list, [](const Chunk& chunk) { return chunk.width == 1; });
  WideDeal wide = deal_wide(work, out.chunks.list, cards);
  out.deal.shards = std::move(wide.shards);
  const int taken = static_cast<int>(out.deal.shards.size()) * wide.width;
  out.deal.shards.resize(out.deal.shards.size() + static_cast<std::size_t>(cards - taken));
  return out;
}

// Shards that take single tests: those of one card, or all when there are no such.
std::vector<DealtShard*> hands(Outline& outline) {
  std::vector<DealtShard*> narrow, all;
  for (DealtShard& shard : outline.deal.shards) {
    all.push_back(&shard);
    if (shard.cards == 1) narrow.push_back(&shard);
  }
  return narrow.empty() ? all : narrow;
}

void deal_to(DealtShard& shard, Chunk chunk, const Work& work, Outline& outline) {
  chunk.seconds = whole_milliseconds(chunk.seconds);
  shard.end_s += work.files[chunk.file].import_s + chunk.seconds;
  shard.chunks.push_back(outline.chunks.list.size());
  outline.chunks.list.push_back(chunk);
}

Result<Plan> finished(Outline outline, const Work& work, const testsel::Selection& selection, int cards) {
  for (const DealtShard& shard : outline.deal.shards) {
    outline.deal.makespan_s = std::max(outline.deal.makespan_s, shard.end_s);
  }
  Plan plan;
  plan.revision = selection.revision;
  plan.stage = selection.stage;
  plan.cards = cards;
  write_outline(outline, work, plan);
  return plan;
}

// A file's tests for one card, in as many chunks as there are hands: which one takes a test, `hand_of` says.
template <typename HandOf>
std::vector<Chunk> spread(const Work& work, std::size_t file, std::size_t hands, HandOf hand_of, Outline& outline) {
  std::vector<std::vector<const UnitWork*>> taken(hands);
  for (const UnitWork& unit : work.files[file].units) {
    if (unit.width == 1) taken[hand_of(unit)].push_back(&unit);
  }
  std::vector<Chunk> chunks;
  for (std::vector<const UnitWork*>& units : taken) {
    Chunk& chunk = chunks.emplace_back(Chunk{.file = file, .units = units});
    for (const UnitWork* unit : units) {
      chunk.seconds += unit->seconds;
      chunk.longest_s = std::max(chunk.longest_s, unit->longest_case_s);
    }
    if (!units.empty()) outline.chunks.units.push_back(std::move(units));  // which leaves them where they are
  }
  return chunks;
}

std::vector<Chunk> ten_minute_pieces(const Work& work, std::size_t index, Outline& outline) {
  double total = 0;
  for (const UnitWork& unit : work.files[index].units) total += unit.width == 1 ? unit.seconds : 0;
  const auto count = static_cast<std::size_t>(std::max(1.0, std::ceil(total / ten_minutes_s)));
  const auto piece_of = [count](const UnitWork& unit) { return stable_hash(unit.id) % count; };
  std::vector<Chunk> pieces = spread(work, index, count, piece_of, outline);
  std::erase_if(pieces, [](const Chunk& piece) { return piece.units.empty(); });
  return pieces;
}

}  // namespace

Result<Plan> deal_round_robin(const testsel::Selection& selection, const Durations& durations,
                              const PlanOptions& options) {
  TRY(const Work work, measured_for(selection, durations, options));
  Outline outline = gangs_only(work, options.cards);
  const std::vector<DealtShard*> shards = hands(outline);
  std::size_t turn = 0;
  for (std::size_t index = 0; index < work.files.size(); ++index) {
    const auto next = [&](const UnitWork&) { return turn++ % shards.size(); };
    const std::vector<Chunk> chunks = spread(work, index, shards.size(), next, outline);
    for (std::size_t i = 0; i < shards.size(); ++i) {
      if (!chunks[i].units.empty()) deal_to(*shards[i], chunks[i], work, outline);
    }
  }
  return finished(std::move(outline), work, selection, options.cards);
}

Result<Plan> deal_ten_minute_pieces(const testsel::Selection& selection, const Durations& durations,
                                    const PlanOptions& options) {
  TRY(const Work work, measured_for(selection, durations, options));
  Outline outline = gangs_only(work, options.cards);
  const std::vector<DealtShard*> shards = hands(outline);
  std::vector<Chunk> pieces;
  for (std::size_t index = 0; index < work.files.size(); ++index) {
    std::ranges::move(ten_minute_pieces(work, index, outline), std::back_inserter(pieces));
  }
  std::ranges::stable_sort(pieces, std::greater{}, &Chunk::seconds);
  for (const Chunk& piece : pieces) {
    DealtShard& first_free =
        **std::ranges::min_element(shards, {}, [](const DealtShard* shard) { return shard->end_s; });
    deal_to(first_free, piece, work, outline);
  }
  return finished(std::move(outline), work, selection, options.cards);
}

}  // namespace spyre::plan
