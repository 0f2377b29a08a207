// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace spyre::history {

// Bounds of a probability after `hits` in `trials`, by Wilson's score. z = 1.645: each bound holds with 95 %.
struct Bounds {
  double low = 0;
  double high = 1;
};
Bounds wilson(std::int64_t hits, std::int64_t trials, double z = 1.645);

}  // namespace spyre::history
