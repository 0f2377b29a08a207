// SPDX-License-Identifier: Apache-2.0
// Pictures of a run, as SVG that needs neither styles nor scripts and is readable on light and on dark.
#pragma once

#include <string>
#include <vector>

#include "agent/results/record.hpp"

namespace spyre::report {

// A bar with the share of each outcome. Empty when there are no cases.
std::string outcome_bar(const results::RunRecord& record);

// A row for each card and a block for each of its batches: gaps, stragglers and failures at a glance. Empty when no
// batch was started.
std::string timeline(const results::RunRecord& record);

// The same in numbers.
struct CardUse {
  int card = 0;
  std::size_t batches = 0;
  double busy_s = 0;
  double ended_s = 0;  // when its last batch ended
};
std::vector<CardUse> card_use(const results::RunRecord& record);

// The colour of an outcome, "#rrggbb".
std::string_view colour_of(results::Outcome outcome);

}  // namespace spyre::report
