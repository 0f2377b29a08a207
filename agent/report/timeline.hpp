// SPDX-License-Identifier: Apache-2.0
// What the cards did, as a picture and in numbers.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "agent/results/record.hpp"

namespace spyre::report {

// SVG that needs neither styles nor scripts and is readable on light and on dark: a row for each card, a block for each
// of its batches, hatched where it was cordoned. Gaps, stragglers and failures are seen at a glance. With very
// many cards the rows are low, and blocks without failures have no text of their own. Empty when no batch was started.
std::string timeline(const results::RunRecord& record);

// The same in numbers.
struct CardUse {
  int card = 0;
  std::size_t batches = 0;
  double busy_s = 0;
  double ended_s = 0;  // when its last batch ended
};
std::vector<CardUse> card_use(const results::RunRecord& record);

}  // namespace spyre::report
