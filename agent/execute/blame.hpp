// SPDX-License-Identifier: Apache-2.0
// Results of cases that did not finish: the cause with its evidence.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/core/clock.hpp"
#include "agent/process/exit_status.hpp"
#include "agent/results/outcome.hpp"

namespace spyre::execute {

// The newest bytes of a worker's output.
class RecentOutput {
 public:
  void add(std::string_view text);
  void clear() { m_text.clear(); }
  const std::string& text() const { return m_text; }

 private:
  std::string m_text;
};

// Return the part of the latest output that explains an end: the Python stacks or the fatal error that faulthandler
// wrote, else the last lines.
std::string evidence(std::string_view printed);

// Return the result of a case whose process ended by itself.
results::Attempt crash(const process::ExitStatus& status, Seconds duration, std::string_view printed);
// Return the result of a file's own case that crashed when it was imported.
results::Attempt crash_in_collection(const process::ExitStatus& status, Seconds duration, std::string_view printed);
// Return the result of a case that lost its worker.
results::Attempt worker_lost(const process::ExitStatus& status, Seconds duration, std::string_view printed);
// Return the result of a case whose worker the agent ended because of an invalid event.
results::Attempt worker_garbled(std::string_view why, Seconds duration, std::string_view printed);
results::Attempt out_of_time(Seconds limit, Seconds duration, std::string_view printed);
results::Attempt out_of_batch_time(Seconds limit, Seconds duration, std::string_view printed);
results::Attempt stalled(Seconds limit, Seconds duration, std::string_view printed);
results::Attempt out_of_memory(std::uint64_t used, std::uint64_t limit, Seconds duration);

}  // namespace spyre::execute
