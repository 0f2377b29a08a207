// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/deal.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <queue>
#include <utility>

#include <boost/container/small_vector.hpp>

namespace spyre::plan {
namespace {

// Neighbouring chunks of one file: [begin, end).
struct Run {
  std::size_t file = 0, begin = 0, end = 0;
};

// The remaining chunks of one file.
struct Remainder {
  double seconds = 0;  // with the import
  Run chunks;
};

// Longest first; among equals the first file.
struct ComesLater {
  bool operator()(const Remainder& a, const Remainder& b) const {
    return a.seconds != b.seconds ? a.seconds < b.seconds : a.chunks.file > b.chunks.file;
  }
};

// Return the chunks for one card. Those of a file stand together, because wider ones follow them.
std::vector<Remainder> whole_files(const Work& work, const std::vector<Chunk>& chunks) {
  std::vector<Remainder> files;
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    if (chunks[i].width > 1) continue;
    if (files.empty() || files.back().chunks.file != chunks[i].file) {
      files.push_back({work.files[chunks[i].file].import_s, {chunks[i].file, i, i}});
    }
    files.back().seconds += chunks[i].seconds;
    files.back().chunks.end = i + 1;
  }
  return files;
}

using Hand = boost::container::small_vector<Run, 2>;

// The chunks of each card and when the card ends.
struct Hands {
  std::vector<Hand> runs;
  std::vector<double> ends_s;
  double makespan_s = 0;
};

class Dealer {
 public:
  // `starts_s`: when each card is free.
  Dealer(const Work& work, const std::vector<Chunk>& chunks, std::vector<double> starts_s)
      : m_work(work), m_starts(std::move(starts_s)), m_files(whole_files(work, chunks)) {
    m_seconds.reserve(chunks.size());
    for (const Chunk& chunk : chunks) m_seconds.push_back(chunk.seconds);
  }

  // Give no card so much of a file that it would end after `limit`, except for a first chunk that fits nowhere.
  Hands fill(double limit) const {
    Hands out{std::vector<Hand>(m_starts.size()), m_starts, std::ranges::max(m_starts)};
    using Free = std::pair<double, std::size_t>;  // time, card
    std::priority_queue<Free, std::vector<Free>, std::greater<>> free_first;
    for (std::size_t card = 0; card < m_starts.size(); ++card) free_first.emplace(m_starts[card], card);
    std::priority_queue<Remainder, std::vector<Remainder>, ComesLater> rest({}, m_files);
    while (!rest.empty()) {
      Remainder file = rest.top();
      rest.pop();
      const auto [start, card] = free_first.top();
      free_first.pop();
      const double end = take(file, start, limit, out.runs[card]);
      out.ends_s[card] = end;
      out.makespan_s = std::max(out.makespan_s, end);
      free_first.emplace(end, card);
      if (file.chunks.begin < file.chunks.end) rest.push(file);
    }
    return out;
  }

 private:
  double take(Remainder& rest, double start, double limit, Hand& hand) const {
    // After the chunks of the same file, if the card has some: the import is paid already.
    const auto same = std::ranges::find(hand, rest.chunks.file, &Run::file);
    const bool is_open = same != hand.end();
    double end = start + (is_open ? 0 : m_work.files[rest.chunks.file].import_s);
    std::size_t& next = rest.chunks.begin;
    const Run taken{rest.chunks.file, next, next};
    do {
      end += m_seconds[next];
      rest.seconds -= m_seconds[next];
      ++next;
    } while (next < rest.chunks.end && end + m_seconds[next] <= limit);
    auto place = same;
    while (place != hand.end() && place->file == taken.file) ++place;
    hand.insert(place, {taken.file, taken.begin, next});
    return end;
  }

  const Work& m_work;
  std::vector<double> m_seconds;  // of each chunk
  std::vector<double> m_starts;
  std::vector<Remainder> m_files;
};

Hands deal_single(const Work& work, const std::vector<Chunk>& chunks, const std::vector<double>& starts_s) {
  constexpr double precision = 0.002, least_s = 0.001;
  const Dealer dealer(work, chunks, starts_s);
  // A lower limit costs more imports but makes the cards end more evenly: find the lowest limit that can be kept. It is
  // seldom far above the bound: search from the bound in growing steps, then back by bisection.
  double low = lower_bound(work, static_cast<int>(starts_s.size()));
  double high = std::numeric_limits<double>::infinity();
  double step = std::max(precision * low, least_s);
  Hands best;
  best.makespan_s = high;
  while (high > low * (1 + precision) + least_s) {
    const double limit = std::isinf(high) ? low + step : std::midpoint(low, high);
    step *= 2;
    Hands tried = dealer.fill(limit);
    if (tried.makespan_s <= limit) {
      high = tried.makespan_s;
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
  for (std::size_t card = 0; card < hands.runs.size(); ++card) {
    if (card >= wide_cards) out.shards.push_back({1, {}, 0});
    DealtShard& shard = card < wide_cards ? out.shards[card / static_cast<std::size_t>(wide.width)] : out.shards.back();
    for (const Run& run : hands.runs[card]) {
      for (std::size_t chunk = run.begin; chunk < run.end; ++chunk) shard.chunks.push_back(chunk);
    }
    shard.end_s = std::max(shard.end_s, hands.ends_s[card]);
  }
  return out;
}

}  // namespace spyre::plan
