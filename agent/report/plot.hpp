// SPDX-License-Identifier: Apache-2.0
// Small plots of the history, as SVG that needs neither styles nor scripts and is readable on light and on dark.
#pragma once

#include <string>
#include <vector>

#include "agent/history/case_history.hpp"
#include "agent/history/trend.hpp"

namespace spyre::report {

// One bar a run, oldest first: its height is the time, its colour the outcome. Empty for less than two runs.
std::string history_plot(const history::CaseHistory& history);

// Pass rate, flaky share, duration and number of tests over time, a line for each stage. A document of its own: it can
// be a file. Empty when there are no points.
std::string trend_plot(const std::vector<history::TrendPoint>& points);

}  // namespace spyre::report
