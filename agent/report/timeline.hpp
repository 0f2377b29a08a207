// SPDX-License-Identifier: Apache-2.0
// The work of the cards over time, as a picture and in numbers.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "agent/results/record.hpp"

namespace spyre::report {

// Draw the timeline as SVG that does not need styles or scripts and is readable on light and on dark backgrounds: a row
// for each card, a block for each of its batches, hatched while it was cordoned. It shows gaps, stragglers and
// failures. With very many cards the rows are low, and blocks without failures do not have their own text. Empty when
// no batch was started.
std::string timeline(const results::RunRecord& record);

// The work of one card in numbers.
struct CardUse {
  int card = 0;
  std::size_t batches = 0;
  double busy_s = 0;
  double ended_s = 0;  // when its last batch ended
};
std::vector<CardUse> card_use(const results::RunRecord& record);

}  // namespace spyre::report
