// SPDX-License-Identifier: Apache-2.0
#include "agent/core/clock.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace spyre {

std::string format_utc(SystemTime time) {
  const auto since_epoch = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(static_cast<std::time_t>(seconds.count())),
                     (since_epoch - seconds).count());
}

}  // namespace spyre
