// SPDX-License-Identifier: Apache-2.0
// The latest durations of one thing, and the estimate they make.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace spyre::history {

// Middle value; between the two middle ones for an even count. `values` is not empty.
double median(std::vector<double> values);

// At most ten durations of the latest runs on each kind of card, newest first. Kept as text in one column, so that
// reading 250,000 estimates and keeping them up to date costs one row each, and the estimates outlive the results that
// they were made from.
class Recent {
 public:
  static constexpr std::size_t limit = 10;
  struct Origin {
    std::int64_t started = 0;
    std::string_view card_kind = {};
  };
  using OriginOf = std::function<Origin(std::int64_t run)>;

  Recent() = default;
  // What text() gave. Entries that cannot be read are left out.
  explicit Recent(std::string_view text);

  // Puts a run's duration where it belongs by the run's start, whatever the order of imports. `origin_of` tells of a
  // run that is in here.
  void add(std::int64_t run, double seconds, const OriginOf& origin_of);
  bool empty() const { return m_entries.empty(); }
  // The median of the latest ten. Not of nothing.
  double estimate() const;
  // The same of these runs alone; nothing when none of them is in here.
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
