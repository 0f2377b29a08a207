// SPDX-License-Identifier: Apache-2.0
// Draws small plots of the history as SVG that does not need styles or scripts and is readable on light and on dark
// backgrounds.
#pragma once

#include <string>
#include <vector>

#include "agent/history/case_history.hpp"
#include "agent/history/trend.hpp"

namespace spyre::report {

// Draw one bar per run, oldest first: its height is the time, its colour the outcome. Empty for fewer than two runs.
std::string history_plot(const history::CaseHistory& history);

// Draw pass rate, flaky share, duration and number of tests over time, with a line for each stage. The result is a
// complete document that can be a file. Empty without points.
std::string trend_plot(const std::vector<history::TrendPoint>& points);

}  // namespace spyre::report
