// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/cut.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <span>
#include <utility>

#include "agent/core/parallel.hpp"
#include "agent/plan/plan.hpp"

namespace spyre::plan {
namespace {

using Units = std::span<const UnitWork* const>;

constexpr double parts_of_fair_share = 16;
constexpr double imports_a_chunk = 1.5;   // a shorter one is mostly import when its card has to change files
constexpr double imports_a_piece = 0.75;  // the same of a finer one
constexpr double fine_share = 0.4;        // of a file that is cut at all
constexpr double fine_limit = 0.25;       // of the limit
constexpr double unit_share = 0.25;       // of the limit
constexpr double longest_limit_s = 600;   // what is lost at most when the machine that runs a batch goes away

double sum_of(Units units) {
  double sum = 0;
  for (const UnitWork* unit : units) sum += unit->seconds;
  return sum;
}

// A piece without a case would cost an import and do nothing.
bool has_many_cases(const UnitWork& unit) {
  if (unit.cases != nullptr) return unit.cases->size() > 1;
  return unit.generator || unit.breadth != testsel::Breadth::single;
}

// Units of one file that need equally many cards.
class Cutter {
 public:
  Cutter(std::size_t file, int width, double limit, double shortest_s, std::vector<Chunk>& chunks)
      : m_file(file), m_width(width), m_limit(limit), m_shortest(shortest_s), m_chunks(chunks) {}

  void cut(const std::vector<const UnitWork*>& units) {
    // The time of one test is less certain than that of many together, so its pieces are shorter.
    const double unit_limit = std::max(m_limit * unit_share, m_shortest);
    std::vector<const UnitWork*> short_units;
    for (const UnitWork* unit : units) {
      if (unit->seconds > unit_limit && has_many_cases(*unit)) {
        cut_by_case(*unit,
                    static_cast<std::size_t>(std::min<double>(std::ceil(unit->seconds / unit_limit), max_pieces)));
      } else {
        short_units.push_back(unit);
      }
    }
    cut_short(short_units);
  }

 private:
  // Into so many pieces, or fewer when fewer cases are known.
  void cut_by_case(const UnitWork& unit, std::size_t wanted) {
    const std::size_t known = unit.cases != nullptr ? unit.cases->size() : wanted;
    const std::size_t pieces = std::max<std::size_t>(std::min(wanted, known), 1);
    const std::size_t first = m_chunks.size();
    for (std::size_t piece = 0; piece < pieces; ++piece) {
      m_chunks.push_back({m_file, {&unit}, m_width, 0, 0, static_cast<int>(piece), static_cast<int>(pieces)});
    }
    const std::span<Chunk> chunks = std::span(m_chunks).subspan(first);
    if (!share_by_case(unit, chunks)) {
      for (Chunk& chunk : chunks) chunk.seconds = unit.seconds / static_cast<double>(pieces);
    }
    for (Chunk& chunk : chunks) chunk.seconds = whole_milliseconds(chunk.seconds);
  }

  // False when nothing is known of the times of the unit's cases.
  static bool share_by_case(const UnitWork& unit, std::span<Chunk> pieces) {
    if (unit.cases_s <= 0) return false;
    for (const CaseTime& time : *unit.cases) {
      Chunk& chunk = pieces[time.id_hash % pieces.size()];
      const double seconds = time.seconds * unit.seconds / unit.cases_s;
      chunk.seconds += seconds;
      chunk.longest_s = std::max(chunk.longest_s, seconds);
    }
    return true;
  }

  // A file that needs several chunks ends in small ones: they fill what the large ones leave of a card's time.
  void cut_short(Units units) {
    const double total = sum_of(units);
    if (total <= m_limit) return cut_evenly(units, m_limit);
    std::size_t coarse = 0;
    for (double done = 0; done < total * (1 - fine_share); ++coarse) done += units[coarse]->seconds;
    cut_evenly(units.first(coarse), m_limit);
    cut_evenly(units.subspan(coarse), std::max(m_limit * fine_limit, m_shortest));
  }

  // Neighbours stay together (they share a class and its set-up), in as few parts of about equal length as the limit
  // allows.
  void cut_evenly(Units units, double limit) {
    const double total = sum_of(units);
    const double target = total / std::max(1.0, std::ceil(total / limit));
    Chunk chunk = empty_chunk();
    double done = 0;
    double edge = target;
    for (const UnitWork* unit : units) {
      const bool full = chunk.seconds + unit->seconds > limit || done + unit->seconds / 2 > edge;
      if (full && !chunk.units.empty()) {
        finish(std::exchange(chunk, empty_chunk()));
        edge = std::max(edge, done) + target;
      }
      chunk.units.push_back(unit);
      chunk.seconds += unit->seconds;
      chunk.longest_s = std::max(chunk.longest_s, unit->longest_case_s);
      done += unit->seconds;
    }
    if (!chunk.units.empty()) finish(std::move(chunk));
  }

  Chunk empty_chunk() const { return {.file = m_file, .units = {}, .width = m_width}; }

  void finish(Chunk chunk) {
    chunk.seconds = whole_milliseconds(chunk.seconds);
    m_chunks.push_back(std::move(chunk));
  }

  std::size_t m_file;
  int m_width;
  double m_limit, m_shortest;
  std::vector<Chunk>& m_chunks;
};

}  // namespace

double chunk_limit(double fair_share_s, double import_s) {
  const double shortest = std::max(imports_a_chunk * import_s, shortest_cut_s);
  return std::clamp(fair_share_s / parts_of_fair_share, shortest, std::max(shortest, longest_limit_s));
}

std::vector<Chunk> cut(const Work& work, double fair_share_s) {
  std::vector<std::vector<Chunk>> by_file(work.files.size());
  parallel_for(work.files.size(), [&](std::size_t index) {
    const FileWork& file = work.files[index];
    std::map<int, std::vector<const UnitWork*>> by_width;
    for (const UnitWork& unit : file.units) by_width[unit.width].push_back(&unit);
    const double limit = chunk_limit(fair_share_s, file.import_s);
    const double shortest = std::max(imports_a_piece * file.import_s, shortest_cut_s);
    for (const auto& [width, units] : by_width) {
      Cutter(index, width, limit, shortest, by_file[index]).cut(units);
    }
  });
  std::size_t count = 0;
  for (const std::vector<Chunk>& some : by_file) count += some.size();
  std::vector<Chunk> chunks;
  chunks.reserve(count);
  for (std::vector<Chunk>& some : by_file) std::ranges::move(some, std::back_inserter(chunks));
  return chunks;
}

}  // namespace spyre::plan
