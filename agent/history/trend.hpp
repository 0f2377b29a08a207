// SPDX-License-Identifier: Apache-2.0
// How runs change over time.
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
// "run", "day", "week". Error: usage.
Result<Step> parse_step(std::string_view text);

// The runs of one stage in one step of time.
struct TrendPoint {
  std::int64_t time = 0;  // its beginning (day, week: midnight UTC; a week begins on Monday), milliseconds since 1970
  std::string stage;
  std::string revision;  // of the latest run
  std::size_t runs = 0;
  std::size_t tests = 0;  // most that were selected in one run: what the stage enables
  std::size_t cases = 0;  // of all runs
  std::size_t passed = 0;
  std::size_t failures = 0;
  std::size_t not_run = 0;
  std::size_t flaky = 0;  // of those that passed
  double wall_s = 0;      // mean of the runs

  // Of the cases that came to a verdict: passes, and passes that needed another attempt. 0 to 1; 0 of nothing.
  double pass_rate() const;
  double flaky_share() const;
};

// By time, then by stage.
std::vector<TrendPoint> trend(const std::vector<RunInfo>& runs, Step step);

// The document "spyre-ci/trend@1".
nlohmann::json to_json(const std::vector<TrendPoint>& points, Step step);

}  // namespace spyre::history
