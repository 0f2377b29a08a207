// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/cut.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "agent/core/parallel.hpp"
#include "agent/plan/plan.hpp"

namespace spyre::plan {
namespace {

using UnitSpan = std::span<const UnitWork* const>;

constexpr double parts_of_fair_share = 16;
constexpr double imports_a_chunk = 1.5;   // a shorter one is mostly import when its card changes files
constexpr double imports_a_piece = 0.75;  // the same for finer chunks
constexpr double fine_share = 0.4;        // of a file that is cut: its part in fine chunks
constexpr double fine_limit = 0.25;       // of the limit
constexpr double unit_share = 0.25;       // of the limit
constexpr double longest_limit_s = 600;   // largest loss when the machine that runs a batch fails

double sum_of(UnitSpan units) {
  double sum = 0;
  for (const UnitWork* unit : units) sum += unit->seconds;
  return sum;
}

// A piece without a case would cost an import for nothing.
bool has_many_cases(const UnitWork& unit) {
  if (unit.cases != nullptr) return unit.cases->all().size() > 1;
  return unit.generator || unit.expected_cases > 1;
}

// Units of one file that need equally many cards.
class Cutter {
 public:
  Cutter(std::size_t file, int width, double limit, double shortest_s, std::vector<Chunk>& chunks)
      : m_file(file), m_width(width), m_limit(limit), m_shortest(shortest_s), m_chunks(chunks) {}

  // Put units that are cut by case before the others.
  void cut(std::span<const UnitWork*> units) {
    // The time of one test is less certain than that of many together, so its pieces are shorter.
    const double unit_limit = std::max(m_limit * unit_share, m_shortest);
    const auto whole = std::stable_partition(units.begin(), units.end(), [&](const UnitWork* unit) {
      return unit->seconds > unit_limit && has_many_cases(*unit);
    });
    const auto cut_up = static_cast<std::size_t>(whole - units.begin());
    for (const UnitWork* const& unit : units.first(cut_up)) {
      cut_by_case(unit, static_cast<std::size_t>(std::min<double>(std::ceil(unit->seconds / unit_limit), max_pieces)));
    }
    cut_short(units.subspan(cut_up));
  }

 private:
  // The number of pieces, lower if fewer cases are known.
  void cut_by_case(const UnitWork* const& unit, std::size_t wanted) {
    const std::size_t known = unit->cases != nullptr ? unit->cases->all().size() : wanted;
    const std::size_t pieces = std::max<std::size_t>(std::min(wanted, known), 1);
    const std::size_t first = m_chunks.size();
    for (std::size_t piece = 0; piece < pieces; ++piece) {
      m_chunks.push_back(
          {m_file, UnitSpan(&unit, 1), m_width, 0, 0, static_cast<int>(piece), static_cast<int>(pieces)});
    }
    const std::span<Chunk> chunks = std::span(m_chunks).subspan(first);
    if (!share_by_case(*unit, chunks)) {
      for (Chunk& chunk : chunks) chunk.seconds = unit->seconds / static_cast<double>(pieces);
    }
    for (Chunk& chunk : chunks) chunk.seconds = whole_milliseconds(chunk.seconds);
  }

  // Return false if no times of the unit's cases are known.
  static bool share_by_case(const UnitWork& unit, std::span<Chunk> pieces) {
    if (unit.cases == nullptr || unit.cases->seconds() <= 0) return false;
    for (const CaseTime& time : unit.cases->all()) {
      Chunk& chunk = pieces[time.id_hash % pieces.size()];
      const double seconds = time.seconds * unit.seconds / unit.cases->seconds();
      chunk.seconds += seconds;
      chunk.longest_s = std::max(chunk.longest_s, seconds);
    }
    return true;
  }

  // A file that needs several chunks ends with small ones: they fill the gaps that the large ones leave.
  void cut_short(UnitSpan units) {
    const double total = sum_of(units);
    if (total <= m_limit) return cut_evenly(units, m_limit);
    std::size_t coarse = 0;
    for (double done = 0; done < total * (1 - fine_share); ++coarse) done += units[coarse]->seconds;
    cut_evenly(units.first(coarse), m_limit);
    cut_evenly(units.subspan(coarse), std::max(m_limit * fine_limit, m_shortest));
  }

  // Neighbours stay together, because they share a class and its set-up, in as few parts of about equal length as the
  // limit allows.
  void cut_evenly(UnitSpan units, double limit) {
    const double total = sum_of(units);
    const double target = total / std::max(1.0, std::ceil(total / limit));
    Chunk chunk = empty_chunk(units);
    double done = 0;
    double edge = target;
    for (const UnitWork* const& unit : units) {
      const bool full = chunk.seconds + unit->seconds > limit || done + unit->seconds / 2 > edge;
      if (full && &unit != chunk.units.data()) {
        finish(chunk, &unit);
        chunk = empty_chunk({&unit, 0});
        edge = std::max(edge, done) + target;
      }
      chunk.seconds += unit->seconds;
      chunk.longest_s = std::max(chunk.longest_s, unit->longest_case_s);
      done += unit->seconds;
    }
    if (!units.empty()) finish(chunk, units.data() + units.size());
  }

  // The part's units begin with the first of these.
  Chunk empty_chunk(UnitSpan units) const { return {.file = m_file, .units = units.first(0), .width = m_width}; }

  void finish(Chunk chunk, const UnitWork* const* end) {
    chunk.units = {chunk.units.data(), end};
    chunk.seconds = whole_milliseconds(chunk.seconds);
    m_chunks.push_back(chunk);
  }

  std::size_t m_file;
  int m_width;
  double m_limit, m_shortest;
  std::vector<Chunk>& m_chunks;
};

std::vector<const UnitWork*> units_by_width(const FileWork& file) {
  std::vector<const UnitWork*> units;
  units.reserve(file.units.size());
  for (const UnitWork& unit : file.units) units.push_back(&unit);
  if (!std::ranges::is_sorted(units, {}, &UnitWork::width)) std::ranges::stable_sort(units, {}, &UnitWork::width);
  return units;
}

void cut_file(const FileWork& file, std::size_t index, double fair_share_s, std::span<const UnitWork*> units,
              std::vector<Chunk>& chunks) {
  const double limit = chunk_limit(fair_share_s, file.import_s);
  const double shortest = std::max(imports_a_piece * file.import_s, shortest_cut_s);
  while (!units.empty()) {
    const int width = units.front()->width;
    const auto wider = std::ranges::find_if(units, [=](const UnitWork* unit) { return unit->width != width; });
    const auto count = static_cast<std::size_t>(wider - units.begin());
    Cutter(index, width, limit, shortest, chunks).cut(units.first(count));
    units = units.subspan(count);
  }
}

}  // namespace

double chunk_limit(double fair_share_s, double import_s) {
  const double shortest = std::max(imports_a_chunk * import_s, shortest_cut_s);
  return std::clamp(fair_share_s / parts_of_fair_share, shortest, std::max(shortest, longest_limit_s));
}

Chunks cut(const Work& work, double fair_share_s) {
  Chunks out;
  out.units.resize(work.files.size());
  std::vector<std::vector<Chunk>> by_file(work.files.size());
  parallel_for(work.files.size(), [&](std::size_t index) {
    out.units[index] = units_by_width(work.files[index]);
    cut_file(work.files[index], index, fair_share_s, out.units[index], by_file[index]);
  });
  std::size_t count = 0;
  for (const std::vector<Chunk>& some : by_file) count += some.size();
  out.list.reserve(count);
  for (const std::vector<Chunk>& some : by_file) out.list.insert(out.list.end(), some.begin(), some.end());
  return out;
}

}  // namespace spyre::plan
