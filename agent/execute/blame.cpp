// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/blame.hpp"

#include <algorithm>
#include <utility>

#include "agent/core/text.hpp"

namespace spyre::execute {

using results::Attempt;
using results::Cause;
using results::Outcome;

namespace {

constexpr std::size_t recent_limit = 64 * 1024;
constexpr std::size_t tail_limit = 2 * 1024;

Attempt ended(Outcome outcome, Cause cause, Seconds duration, std::string details) {
  return {outcome, duration.count(), {}, std::move(details), {}, -1, std::move(cause)};
}

Cause cause_of(const process::ExitStatus& status, Cause::Where where) {
  Cause cause{status.signal ? Cause::Kind::signal : status.code ? Cause::Kind::exit_code : Cause::Kind::unknown_end};
  cause.signal = status.signal.value_or(0);
  cause.exit_code = status.code.value_or(0);
  cause.where = where;
  return cause;
}

}  // namespace

void RecentOutput::add(std::string_view text) {
  m_text += text;
  // Cut occasionally, not at every addition.
  if (m_text.size() > 2 * recent_limit) m_text.erase(0, m_text.size() - recent_limit);
}

std::string evidence(std::string_view printed) {
  // faulthandler begins its report with a fatal signal, followed by the stacks of all threads. The last report counts,
  // and it may hold several stacks: start at the last fatal error, else at the first stack.
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
  return ended(Outcome::crashed, cause_of(status, Cause::Where::test), duration, evidence(printed));
}

Attempt crash_in_collection(const process::ExitStatus& status, Seconds duration, std::string_view printed) {
  return ended(Outcome::crashed, cause_of(status, Cause::Where::collection), duration, evidence(printed));
}

Attempt worker_lost(const process::ExitStatus& status, Seconds duration, std::string_view printed) {
  return ended(Outcome::crashed, cause_of(status, Cause::Where::worker), duration, evidence(printed));
}

Attempt worker_garbled(std::string_view why, Seconds duration, std::string_view printed) {
  return ended(Outcome::crashed, told(Cause::Kind::bad_events, std::string(why)), duration, evidence(printed));
}

Attempt out_of_time(Seconds limit, Seconds duration, std::string_view printed) {
  return ended(Outcome::timed_out, {Cause::Kind::case_timeout, limit.count()}, duration, evidence(printed));
}

Attempt out_of_batch_time(Seconds limit, Seconds duration, std::string_view printed) {
  return ended(Outcome::timed_out, {Cause::Kind::batch_timeout, limit.count()}, duration, evidence(printed));
}

Attempt stalled(Seconds limit, Seconds duration, std::string_view printed) {
  return ended(Outcome::timed_out, {Cause::Kind::stall, limit.count()}, duration, evidence(printed));
}

Attempt out_of_memory(std::uint64_t used, std::uint64_t limit, Seconds duration) {
  Cause cause{Cause::Kind::memory_limit};
  cause.bytes = used;
  cause.limit_bytes = limit;
  return ended(Outcome::crashed, std::move(cause), duration, {});
}

}  // namespace spyre::execute
