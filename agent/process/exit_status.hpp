// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace spyre::process {

// How a process ended: by itself with a code, or by a signal. Neither is set if the cause is unknown.
struct ExitStatus {
  std::optional<int> code;
  std::optional<int> signal;

  bool success() const { return code == 0; }
  bool operator==(const ExitStatus&) const = default;
};

// Return "exit code 3", "SIGSEGV" or "an unknown cause": the text that follows "ended by ".
std::string describe(const ExitStatus& status);

}  // namespace spyre::process
