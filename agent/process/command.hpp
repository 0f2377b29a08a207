// SPDX-License-Identifier: Apache-2.0
// One program, run to its end within limits, with its output captured.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"
#include "agent/process/exit_status.hpp"

namespace spyre::process {

struct Command {
  std::vector<std::string> argv;         // argv[0] is a path: no search, no shell
  std::vector<std::string> environment;  // "NAME=value"; the complete environment
  std::string input;                     // its standard input; empty: /dev/null

  // At least one of the two limits is required. A program that exceeds one gets SIGTERM, and SIGKILL after the grace
  // period, as does its process group.
  std::optional<Seconds> time_limit;     // for the whole run
  std::optional<Seconds> silence_limit;  // without a byte on standard output or standard error
  Seconds grace{5};
  // Called several times a second; true stops the program in the same way. May be empty.
  std::function<bool()> is_stop_requested;

  std::size_t output_limit = std::size_t{1} << 20;   // bytes of standard output; a program that prints more is stopped
  std::size_t errors_limit = std::size_t{64} << 10;  // bytes of standard error; the last part is kept
  std::function<void(std::string_view)> on_errors;   // gets standard error piece by piece; may be empty
};

// Why a program was stopped before its end.
enum class StopReason { time_limit, silence_limit, output_limit, requested };

struct CommandResult {
  ExitStatus status;  // neither code nor signal: even SIGKILL did not end the program
  std::optional<StopReason> stopped;
  std::string output, errors;

  bool success() const { return !stopped && status.success(); }
};

// Run a program to its end. It has a session of its own, hence no terminal to ask questions on, default signal handlers
// and only the standard descriptors. It gets SIGTERM if the calling thread ends first. Processes that it leaves behind
// are not waited for, even if they hold its output open. Several threads may call this at once. Error: not_found
// (program not found), io (it cannot be executed), infra (no more processes, descriptors or memory), internal (no limit
// was given).
Result<CommandResult> run_command(const Command& command);

// Return the agent's own environment in the form that Command takes.
std::vector<std::string> current_environment();

}  // namespace spyre::process
