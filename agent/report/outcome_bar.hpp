// SPDX-License-Identifier: Apache-2.0
// Outcomes as a picture: SVG that needs neither styles nor scripts and is readable on light and on dark.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "agent/results/record.hpp"

namespace spyre::report {

using OutcomeCounts = std::array<std::size_t, results::outcome_count>;

// The colour of an outcome, "#rrggbb".
std::string_view colour_of(results::Outcome outcome);

// A bar with the share of each outcome. Empty when there are no cases.
std::string outcome_bar(const results::RunRecord& record);

}  // namespace spyre::report
