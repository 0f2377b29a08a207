// SPDX-License-Identifier: Apache-2.0
// Trends of runs over time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"
#include "agent/history/runs.hpp"

namespace spyre::history {

enum class Step { run, day, week };
// Parse "run", "day" or "week". Error: usage.
Result<Step> parse_step(std::string_view text);

// The runs of one stage in one step of time.
struct TrendPoint {
  std::int64_t time = 0;  // its beginning (day, week: midnight UTC; a week begins on Monday), milliseconds since 1970
  std::string stage;
  std::string revision;  // of the latest run
  std::size_t runs = 0;
  std::size_t tests = 0;  // maximum number of tests selected in one run: what the stage enables
  std::size_t cases = 0;  // in all runs
  std::size_t passed = 0;
  std::size_t failures = 0;
  std::size_t not_run = 0;
  std::size_t flaky = 0;  // passes after a failed attempt
  double wall_s = 0;      // mean of the runs

  // Return the share of passes, and of passes that needed another attempt, among the cases with a verdict. 0 to 1; 0
  // without cases.
  double pass_rate() const;
  double flaky_share() const;
};

// Return the points by time, then by stage.
std::vector<TrendPoint> trend(const std::vector<RunInfo>& runs, Step step);

// Return the document "spyre-ci/trend@1".
nlohmann::json to_json(const std::vector<TrendPoint>& points, Step step);

}  // namespace spyre::history
