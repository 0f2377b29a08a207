// SPDX-License-Identifier: Apache-2.0
#include "agent/report/progress.hpp"

#include <algorithm>

namespace spyre::report {

Seconds time_left(Seconds planned, double share, Seconds elapsed) {
  // As if the first tenth of the run had gone according to plan: one slow file at the start must not raise the
  // estimate.
  constexpr double trust = 0.1;
  const double done = std::clamp(share, 0.0, 1.0);
  return (1 - done) * (elapsed + trust * planned) / (done + trust);
}

Seconds time_for(std::size_t left, std::size_t done, Seconds elapsed) {
  return done == 0 ? Seconds{} : elapsed * (static_cast<double>(left) / static_cast<double>(done));
}

}  // namespace spyre::report
