// SPDX-License-Identifier: Apache-2.0
#include "agent/process/exit_status.hpp"

#include <fmt/format.h>

#include "agent/core/text.hpp"

namespace spyre::process {

std::string describe(const ExitStatus& status) {
  if (status.signal) return signal_name(*status.signal);
  if (status.code) return fmt::format("exit code {}", *status.code);
  return "an unknown cause";
}

}  // namespace spyre::process
