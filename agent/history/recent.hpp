// SPDX-License-Identifier: Apache-2.0
// The latest durations of one thing, and the estimate they make.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace spyre::history {

// Middle value; between the two middle ones for an even count. `values` is not empty.
double median(std::vector<double> values);

// At most ten durations of the latest runs, newest first. Kept as text in one column, so that reading 250,000 estimates
// and keeping them up to date costs one row each, and the estimates outlive the results that they were made from.
class Recent {
 public:
  static constexpr std::size_t limit = 10;
  using StartOf = std::function<std::int64_t(std::int64_t run)>;

  Recent() = default;
  // What text() gave. Entries that cannot be read are left out.
  explicit Recent(std::string_view text);

  // Puts a run's duration where it belongs by the run's start, whatever the order of imports. `start_of` tells the
  // start of a run that is in here.
  void add(std::int64_t run, double seconds, const StartOf& start_of);
  bool empty() const { return m_entries.empty(); }
  // The median. Not of nothing.
  double estimate() const;
  std::string text() const;

 private:
  struct Entry {
    std::int64_t run;
    double seconds;
  };
  std::vector<Entry> m_entries;
};

}  // namespace spyre::history
