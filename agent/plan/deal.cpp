// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/deal.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <queue>
#include <set>

namespace spyre::plan {
namespace {

// What is left of one file: the chunks [next, end).
struct Remainder {
  double seconds = 0;  // with the import
  std::size_t file = 0;
  std::size_t next = 0, end = 0;
};

// Longest first; among equals the first file.
bool comes_later(const Remainder& a, const Remainder& b) {
  return a.seconds != b.seconds ? a.seconds < b.seconds : a.file > b.file;
}

std::vector<Remainder> whole_files(const Work& work, const std::vector<Chunk>& chunks) {
  std::vector<Remainder> files;
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    if (files.empty() || files.back().file != chunks[i].file) {
      files.push_back({work.files[chunks[i].file].import_s, chunks[i].file, i, i});
    }
    files.back().seconds += chunks[i].seconds;
    files.back().end = i + 1;
  }
  return files;
}

class Dealer {
 public:
  Dealer(const Work& work, const std::vector<Chunk>& chunks, int shards)
      : m_work(work),
        m_chunks(chunks),
        m_shards(static_cast<std::size_t>(shards)),
        m_files(whole_files(work, chunks)) {}

  // No shard takes so much of a file that it would end after `limit`, except for a first chunk that fits nowhere.
  Deal fill(double limit) const {
    Deal out;
    out.shards.resize(m_shards);
    out.ends_s.resize(m_shards, 0.0);
    std::set<std::pair<double, std::size_t>> free_first;
    for (std::size_t shard = 0; shard < m_shards; ++shard) free_first.emplace_hint(free_first.end(), 0.0, shard);
    std::priority_queue<Remainder, std::vector<Remainder>, decltype(&comes_later)> rest(&comes_later, m_files);
    while (!rest.empty()) {
      Remainder file = rest.top();
      rest.pop();
      const auto [start, shard] = *free_first.begin();
      free_first.erase(free_first.begin());
      const double end = take(file, start, limit, out.shards[shard]);
      out.ends_s[shard] = end;
      out.makespan_s = std::max(out.makespan_s, end);
      free_first.emplace(end, shard);
      if (file.next < file.end) rest.push(file);
    }
    return out;
  }

 private:
  double take(Remainder& file, double start, double limit, std::vector<std::size_t>& shard) const {
    // Behind the chunks of the same file, when the shard has some: then the import is paid already.
    const auto same = std::find_if(shard.rbegin(), shard.rend(),
                                   [&](std::size_t chunk) { return m_chunks[chunk].file == file.file; });
    double end = start + (same == shard.rend() ? m_work.files[file.file].import_s : 0);
    const std::size_t first = file.next;
    do {
      end += m_chunks[file.next].seconds;
      file.seconds -= m_chunks[file.next].seconds;
      ++file.next;
    } while (file.next < file.end && end + m_chunks[file.next].seconds <= limit);
    const auto place = same == shard.rend() ? shard.end() : same.base();
    const auto taken = shard.insert(place, file.next - first, 0);
    std::iota(taken, taken + static_cast<std::ptrdiff_t>(file.next - first), first);
    return end;
  }

  const Work& m_work;
  const std::vector<Chunk>& m_chunks;
  std::size_t m_shards;
  std::vector<Remainder> m_files;
};

}  // namespace

Deal deal(const Work& work, const std::vector<Chunk>& chunks, int shards) {
  constexpr int refinements = 12;
  const Dealer dealer(work, chunks, shards);
  Deal best = dealer.fill(std::numeric_limits<double>::infinity());
  // The lower the limit, the more imports, but the more even the end: look for the lowest limit that can be kept.
  double low = lower_bound(work, shards);
  double high = best.makespan_s;
  for (int i = 0; i < refinements && high > low * 1.001; ++i) {
    const double limit = (low + high) / 2;
    Deal tried = dealer.fill(limit);
    if (tried.makespan_s <= limit) {
      high = limit;
    } else {
      low = limit;
    }
    if (tried.makespan_s < best.makespan_s) best = std::move(tried);
  }
  return best;
}

}  // namespace spyre::plan
