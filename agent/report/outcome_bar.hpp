// SPDX-License-Identifier: Apache-2.0
// Draws outcomes as SVG that does not need styles or scripts and is readable on light and on dark backgrounds.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "agent/results/record.hpp"

namespace spyre::report {

using OutcomeCounts = std::array<std::size_t, results::outcome_count>;

// Return the colour of an outcome, "#rrggbb".
std::string_view colour_of(results::Outcome outcome);

// Return a bar with the share of each outcome. Empty without cases.
std::string outcome_bar(const results::RunRecord& record);

}  // namespace spyre::report
