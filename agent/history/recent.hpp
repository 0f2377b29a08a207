// SPDX-License-Identifier: Apache-2.0
// The latest durations of one case or import, and the estimate made from them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace spyre::history {

// Return the middle value; for an even count the mean of the two middle values. `values` is not empty.
double median(std::vector<double> values);

// At most ten durations of the latest runs on each kind of card, newest first. They are stored as text in one column,
// so that reading and updating 250,000 estimates costs one row each, and the estimates outlive the results that they
// are based on.
class Recent {
 public:
  static constexpr std::size_t limit = 10;
  struct Origin {
    std::int64_t started = 0;
    std::string_view card_kind = {};
  };
  using OriginOf = std::function<Origin(std::int64_t run)>;

  Recent() = default;
  // Parse the output of text(). Invalid entries are ignored.
  explicit Recent(std::string_view text);

  // Insert the duration of a run by the run's start, independent of the order of imports. `origin_of` returns the
  // origin of a run in this list.
  void add(std::int64_t run, double seconds, const OriginOf& origin_of);
  bool empty() const { return m_entries.empty(); }
  // Return the median of the latest ten. The list is not empty.
  double estimate() const;
  // Return the estimate from these runs only; no value when the list has none of them.
  std::optional<double> estimate(const std::unordered_set<std::int64_t>& runs) const;
  std::string text() const;

 private:
  struct Entry {
    std::int64_t run;
    double seconds;
  };
  std::vector<Entry> m_entries;
};

}  // namespace spyre::history
