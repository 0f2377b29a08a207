// SPDX-License-Identifier: Apache-2.0
#include "agent/process/exit_status.hpp"

#include <fmt/format.h>
#include <string.h>

namespace spyre::process {

std::string describe(const ExitStatus& status) {
  if (status.signal) return signal_name(*status.signal);
  if (status.code) return fmt::format("exit code {}", *status.code);
  return "an unknown cause";
}

std::string signal_name(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", signal);
}

}  // namespace spyre::process
