// SPDX-License-Identifier: Apache-2.0
#include "agent/history/confidence.hpp"

#include <algorithm>
#include <cmath>

namespace spyre::history {

Bounds wilson(std::int64_t hits, std::int64_t trials, double z) {
  if (trials <= 0) return {};
  const double n = static_cast<double>(trials);
  const double p = static_cast<double>(hits) / n;
  const double centre = p + z * z / (2 * n);
  const double spread = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  const double scale = 1 + z * z / n;
  return {std::max(0.0, (centre - spread) / scale), std::min(1.0, (centre + spread) / scale)};
}

}  // namespace spyre::history
