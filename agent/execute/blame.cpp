// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/blame.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "agent/core/text.hpp"

namespace spyre::execute {

using results::Attempt;
using results::Outcome;

namespace {

constexpr std::size_t recent_limit = 64 * 1024;
constexpr std::size_t tail_limit = 2 * 1024;

Attempt timed_out(std::string message, Seconds duration, std::string_view printed) {
  return {Outcome::timed_out, duration.count(), std::move(message), evidence(printed), {}, -1};
}

}  // namespace

void RecentOutput::add(std::string_view text) {
  m_text += text;
  // Cut now and then, not at every addition.
  if (m_text.size() > 2 * recent_limit) m_text.erase(0, m_text.size() - recent_limit);
}

std::string evidence(std::string_view printed) {
  // How faulthandler begins: a fatal signal, then the stacks of all threads. The last report is the one that counts,
  // and it may hold several stacks: from the last fatal error, else from the first stack on.
  std::size_t start = printed.rfind("Fatal Python error:");
  if (start == std::string_view::npos) {
    start = std::min(printed.find("Thread 0x"), printed.find("Current thread 0x"));
  }
  if (start == std::string_view::npos) {
    start = printed.size() > tail_limit ? printed.size() - tail_limit : 0;
    if (const std::size_t line = printed.find('\n', start); start > 0 && line != std::string_view::npos)
      start = line + 1;
  }
  return valid_utf8(trim(printed.substr(start)));
}

Attempt crash(const process::ExitStatus& status, Seconds duration, std::string_view printed) {
  const std::string how =
      status.signal ? describe(status) : fmt::format("the test ended its process with {}", describe(status));
  return {Outcome::crashed, duration.count(), "crashed: " + how, evidence(printed), {}, -1};
}

Attempt crash_in_collection(const process::ExitStatus& status, Seconds duration, std::string_view printed) {
  return {Outcome::crashed,
          duration.count(),
          fmt::format("crashed during collection: {}", describe(status)),
          evidence(printed),
          {},
          -1};
}

Attempt worker_lost(const process::ExitStatus& status, Seconds duration, std::string_view printed) {
  return {Outcome::crashed,
          duration.count(),
          fmt::format("crashed: its worker was ended by {}", describe(status)),
          evidence(printed),
          {},
          -1};
}

Attempt worker_garbled(std::string_view why, Seconds duration, std::string_view printed) {
  return {Outcome::crashed,
          duration.count(),
          fmt::format("crashed: its worker was ended, because its events could not be understood any more: {}", why),
          evidence(printed),
          {},
          -1};
}

Attempt out_of_time(Seconds limit, Seconds duration, std::string_view printed) {
  return timed_out(fmt::format("not finished after {}", format_duration(limit)), duration, printed);
}

Attempt out_of_batch_time(Seconds limit, Seconds duration, std::string_view printed) {
  return timed_out(fmt::format("not finished when the batch's {} were over", format_duration(limit)), duration,
                   printed);
}

Attempt stalled(Seconds limit, Seconds duration, std::string_view printed) {
  return timed_out(fmt::format("no sign of life for {}", format_duration(limit)), duration, printed);
}

Attempt out_of_memory(std::uint64_t used, std::uint64_t limit, Seconds duration) {
  return {Outcome::crashed,
          duration.count(),
          fmt::format("crashed: used {} of memory, more than the limit of {}", format_size(used), format_size(limit)),
          {},
          {},
          -1};
}

}  // namespace spyre::execute
