// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/cut.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "agent/core/hash.hpp"
#include "agent/plan/plan.hpp"

namespace spyre::plan {
namespace {

constexpr double parts_of_fair_share = 12;
constexpr double fine_share = 0.25;      // of a file that is cut at all
constexpr double fine_limit = 0.25;      // of the limit
constexpr double shortest_limit_s = 1;   // below this, handing a batch out costs more than it evens out
constexpr double longest_limit_s = 600;  // what is lost at most when the machine that runs a batch goes away

// A unit that is too long by itself, cut by case.
void cut_unit(const UnitWork& unit, std::size_t file, double limit, std::vector<Chunk>& chunks) {
  auto pieces = static_cast<std::size_t>(std::ceil(unit.seconds / limit));
  if (unit.cases != nullptr) pieces = std::min(pieces, unit.cases->size());
  pieces = std::clamp<std::size_t>(pieces, 1, max_pieces);
  std::vector<double> seconds(pieces, unit.cases == nullptr ? unit.seconds / static_cast<double>(pieces) : 0);
  if (unit.cases != nullptr) {
    double sum = 0;
    for (const CaseTime& time : *unit.cases) sum += time.seconds;
    const double scale = sum > 0 ? unit.seconds / sum : 0;
    for (const CaseTime& time : *unit.cases) seconds[stable_hash(time.id) % pieces] += time.seconds * scale;
  }
  for (std::size_t piece = 0; piece < pieces; ++piece) {
    chunks.push_back(
        {file, {&unit}, whole_milliseconds(seconds[piece]), static_cast<int>(piece), static_cast<int>(pieces)});
  }
}

double sum_of(std::span<const UnitWork* const> units) {
  double sum = 0;
  for (const UnitWork* unit : units) sum += unit->seconds;
  return sum;
}

// Neighbours stay together (they share a class and its set-up), in as few parts of about equal length as the limit
// allows.
void cut_neighbours(std::span<const UnitWork* const> units, std::size_t file, double limit,
                    std::vector<Chunk>& chunks) {
  const double total = sum_of(units);
  const double target = total / std::max(1.0, std::ceil(total / limit));
  Chunk chunk{.file = file, .units = {}};
  double done = 0;
  double edge = target;
  const auto close = [&] {
    chunk.seconds = whole_milliseconds(chunk.seconds);
    chunks.push_back(std::exchange(chunk, Chunk{.file = file, .units = {}}));
    edge = std::max(edge, done) + target;
  };
  for (const UnitWork* unit : units) {
    const bool full = chunk.seconds + unit->seconds > limit || done + unit->seconds / 2 > edge;
    if (full && !chunk.units.empty()) close();
    chunk.units.push_back(unit);
    chunk.seconds += unit->seconds;
    done += unit->seconds;
  }
  if (!chunk.units.empty()) close();
}

// A file that needs several chunks ends in small ones: they fill what the large ones leave of a card's time.
void cut_units(std::span<const UnitWork* const> units, std::size_t file, double limit, std::vector<Chunk>& chunks) {
  const double total = sum_of(units);
  if (total <= limit) return cut_neighbours(units, file, limit, chunks);
  std::size_t coarse = 0;
  for (double done = 0; done < total * (1 - fine_share); ++coarse) done += units[coarse]->seconds;
  cut_neighbours(units.first(coarse), file, limit, chunks);
  cut_neighbours(units.subspan(coarse), file, std::max(limit * fine_limit, shortest_limit_s), chunks);
}

}  // namespace

double chunk_limit(double fair_share_s, double import_s) {
  const double shortest = std::max(2 * import_s, shortest_limit_s);
  return std::clamp(fair_share_s / parts_of_fair_share, shortest, std::max(shortest, longest_limit_s));
}

std::vector<Chunk> cut(const Work& work, double fair_share_s) {
  std::vector<Chunk> chunks;
  for (std::size_t index = 0; index < work.files.size(); ++index) {
    const FileWork& file = work.files[index];
    const double limit = chunk_limit(fair_share_s, file.import_s);
    std::vector<const UnitWork*> short_units;
    for (const UnitWork& unit : file.units) {
      if (unit.seconds > limit) {
        cut_unit(unit, index, limit, chunks);
      } else {
        short_units.push_back(&unit);
      }
    }
    cut_units(short_units, index, limit, chunks);
  }
  return chunks;
}

}  // namespace spyre::plan
