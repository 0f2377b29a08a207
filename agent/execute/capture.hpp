// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"
#include "agent/execute/signals.hpp"
#include "agent/process/process.hpp"

namespace spyre::execute {

struct Captured {
  process::ExitStatus status;
  std::string output, errors;  // standard output and standard error; head and tail are kept
  bool timed_out = false;      // killed, with all its descendants, at the time limit
  int interrupted_by = 0;      // likewise, at this signal
};

// Run a program to its end, or until one of `signals` comes, unless they are nullptr. `options.fds` need not name the
// standard descriptors. Error: as Process::start.
Result<Captured> run_captured(process::ProcessOptions options, Seconds time_limit, Signals* signals = nullptr,
                              std::size_t text_limit = 1 << 20);

}  // namespace spyre::execute
