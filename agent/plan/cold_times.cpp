// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/cold_times.hpp"

#include <algorithm>

namespace spyre::plan {

double correction(double seen_s, double guessed_s) {
  constexpr double doubt_s = 20;  // measured work needed to count as much as the guess
  constexpr double most = 20;
  return std::clamp((doubt_s + seen_s) / (doubt_s + guessed_s), 1 / most, most);
}

}  // namespace spyre::plan
