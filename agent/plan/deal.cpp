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

// The chunks for one card; those of a file stand together, since wider ones come behind them.
std::vector<Remainder> whole_files(const Work& work, const std::vector<Chunk>& chunks) {
  std::vector<Remainder> files;
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    if (chunks[i].width > 1) continue;
    if (files.empty() || files.back().file != chunks[i].file) {
      files.push_back({work.files[chunks[i].file].import_s, chunks[i].file, i, i});
    }
    files.back().seconds += chunks[i].seconds;
    files.back().end = i + 1;
  }
  return files;
}

// Chunks for each card.
struct Hands {
  std::vector<std::vector<std::size_t>> chunks;
  std::vector<double> ends_s;
  double makespan_s = 0;
};

class Dealer {
 public:
  // `starts_s`: when each card is free.
  Dealer(const Work& work, const std::vector<Chunk>& chunks, std::vector<double> starts_s)
      : m_work(work), m_chunks(chunks), m_starts(std::move(starts_s)), m_files(whole_files(work, chunks)) {}

  // No card takes so much of a file that it would end after `limit`, except for a first chunk that fits nowhere.
  Hands fill(double limit) const {
    Hands out{std::vector<std::vector<std::size_t>>(m_starts.size()), m_starts, std::ranges::max(m_starts)};
    std::set<std::pair<double, std::size_t>> free_first;
    for (std::size_t card = 0; card < m_starts.size(); ++card) free_first.emplace(m_starts[card], card);
    std::priority_queue<Remainder, std::vector<Remainder>, decltype(&comes_later)> rest(&comes_later, m_files);
    while (!rest.empty()) {
      Remainder file = rest.top();
      rest.pop();
      const auto [start, card] = *free_first.begin();
      free_first.erase(free_first.begin());
      const double end = take(file, start, limit, out.chunks[card]);
      out.ends_s[card] = end;
      out.makespan_s = std::max(out.makespan_s, end);
      free_first.emplace(end, card);
      if (file.next < file.end) rest.push(file);
    }
    return out;
  }

 private:
  double take(Remainder& file, double start, double limit, std::vector<std::size_t>& hand) const {
    // Behind the chunks of the same file, when the card has some: then the import is paid already.
    const auto same =
        std::find_if(hand.rbegin(), hand.rend(), [&](std::size_t chunk) { return m_chunks[chunk].file == file.file; });
    double end = start + (same == hand.rend() ? m_work.files[file.file].import_s : 0);
    const std::size_t first = file.next;
    do {
      end += m_chunks[file.next].seconds;
      file.seconds -= m_chunks[file.next].seconds;
      ++file.next;
    } while (file.next < file.end && end + m_chunks[file.next].seconds <= limit);
    const auto place = same == hand.rend() ? hand.end() : same.base();
    const auto taken = hand.insert(place, file.next - first, 0);
    std::iota(taken, taken + static_cast<std::ptrdiff_t>(file.next - first), first);
    return end;
  }

  const Work& m_work;
  const std::vector<Chunk>& m_chunks;
  std::vector<double> m_starts;
  std::vector<Remainder> m_files;
};

Hands deal_single(const Work& work, const std::vector<Chunk>& chunks, const std::vector<double>& starts_s) {
  constexpr int refinements = 12;
  const Dealer dealer(work, chunks, starts_s);
  Hands best = dealer.fill(std::numeric_limits<double>::infinity());
  // The lower the limit, the more imports, but the more even the end: look for the lowest limit that can be kept.
  double low = lower_bound(work, static_cast<int>(starts_s.size()));
  double high = best.makespan_s;
  for (int i = 0; i < refinements && high > low * 1.001; ++i) {
    const double limit = (low + high) / 2;
    Hands tried = dealer.fill(limit);
    if (tried.makespan_s <= limit) {
      high = limit;
    } else {
      low = limit;
    }
    if (tried.makespan_s < best.makespan_s) best = std::move(tried);
  }
  return best;
}

}  // namespace

Deal deal(const Work& work, const std::vector<Chunk>& chunks, int cards) {
  WideDeal wide = deal_wide(work, chunks, cards);
  std::vector<double> starts = wide.ends_s;
  starts.resize(static_cast<std::size_t>(cards), 0.0);
  Hands hands = deal_single(work, chunks, starts);

  Deal out{std::move(wide.shards), hands.makespan_s};
  const std::size_t wide_cards = wide.ends_s.size();
  for (std::size_t card = 0; card < hands.chunks.size(); ++card) {
    if (card >= wide_cards) out.shards.push_back({1, {}, 0});
    DealtShard& shard = card < wide_cards ? out.shards[card / static_cast<std::size_t>(wide.width)] : out.shards.back();
    shard.chunks.insert(shard.chunks.end(), hands.chunks[card].begin(), hands.chunks[card].end());
    shard.end_s = std::max(shard.end_s, hands.ends_s[card]);
  }
  return out;
}

}  // namespace spyre::plan
