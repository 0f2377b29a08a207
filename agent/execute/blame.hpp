// SPDX-License-Identifier: Apache-2.0
// What is known of a case that did not come to its end: the cause, with the evidence there is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/core/clock.hpp"
#include "agent/process/exit_status.hpp"
#include "agent/results/outcome.hpp"

namespace spyre::execute {

// The newest bytes of what a worker printed.
class RecentOutput {
 public:
  void add(std::string_view text);
  void clear() { m_text.clear(); }
  const std::string& text() const { return m_text; }

 private:
  std::string m_text;
};

// What explains an end in what was printed last: the Python stacks or the fatal error that faulthandler wrote, else the
// last lines.
std::string evidence(std::string_view printed);

// Its process ended by itself.
results::Attempt crash(const process::ExitStatus& status, Seconds duration, std::string_view printed);
// As a file's own case: it crashed when it was imported.
results::Attempt crash_in_collection(const process::ExitStatus& status, Seconds duration, std::string_view printed);
// The worker itself went away under the case.
results::Attempt worker_lost(const process::ExitStatus& status, Seconds duration, std::string_view printed);
// The agent ended the worker, because what came on its events pipe was none.
results::Attempt worker_garbled(std::string_view why, Seconds duration, std::string_view printed);
results::Attempt out_of_time(Seconds limit, Seconds duration, std::string_view printed);
results::Attempt out_of_batch_time(Seconds limit, Seconds duration, std::string_view printed);
results::Attempt stalled(Seconds limit, Seconds duration, std::string_view printed);
results::Attempt out_of_memory(std::uint64_t used, std::uint64_t limit, Seconds duration);

}  // namespace spyre::execute
