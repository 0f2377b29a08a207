// SPDX-License-Identifier: Apache-2.0
#include "agent/jenkins/wait.hpp"

#include <optional>

#include <fmt/format.h>

#include "agent/core/log.hpp"
#include "agent/core/text.hpp"

namespace spyre::jenkins {
namespace {

// Repeat the request until its result is final. `ask` returns no value until then.
template <typename T>
Result<T> ask_until(const std::function<Result<std::optional<T>>()>& ask, const std::string& what,
                    const Waiting& waiting, const Clock& clock, const Pause& pause) {
  const SteadyTime begin = clock.steady();
  SteadyTime heard = begin;
  while (true) {
    auto answer = ask();
    if (answer && *answer) return std::move(**answer);
    if (answer) {
      heard = clock.steady();
    } else if (answer.error().kind != ErrorKind::io) {
      return tl::make_unexpected(std::move(answer).error());
    } else if (clock.steady() - heard >= waiting.outage) {
      return fail(ErrorKind::infra, fmt::format("{}, for {}", answer.error().message, format_duration(waiting.outage)));
    } else {
      log::warning(answer.error().message);
    }
    if (clock.steady() - begin >= waiting.timeout) {
      return fail(ErrorKind::infra, fmt::format("{} in {}", what, format_duration(waiting.timeout)),
                  "give it more time with --timeout");
    }
    if (!pause(waiting.poll)) return fail(ErrorKind::interrupted, fmt::format("{}: interrupted", what));
  }
}

bool gave_up(const Error& error) {
  return error.kind == ErrorKind::infra || error.kind == ErrorKind::interrupted;
}

void warn(const Result<void>& done) {
  if (!done) log::warning(done.error().message);
}

}  // namespace

Result<std::string> wait_for_start(Controller& controller, const std::string& queue_url, const Waiting& waiting,
                                   const Clock& clock, const Pause& pause) {
  bool cancelled = false;
  std::string why;
  const auto ask = [&]() -> Result<std::optional<std::string>> {
    TRY(const QueueItem item, controller.queue_item(queue_url));
    if (item.cancelled) {
      cancelled = true;
      return fail(ErrorKind::infra, fmt::format("{}: the queue item was cancelled", queue_url));
    }
    if (item.why != why) log::info(item.why);
    why = item.why;
    return item.build_url.empty() ? std::nullopt : std::optional(item.build_url);
  };
  auto started = ask_until<std::string>(ask, fmt::format("{} did not start", queue_url), waiting, clock, pause);
  if (!started && !cancelled && gave_up(started.error())) warn(controller.cancel(queue_url));
  return started;
}

Result<Build> wait_for_end(Controller& controller, const std::string& build_url, const Waiting& waiting,
                           const Clock& clock, const Pause& pause) {
  const auto ask = [&]() -> Result<std::optional<Build>> {
    TRY(Build build, controller.build(build_url));
    if (build.building) return std::nullopt;
    return std::optional(std::move(build));
  };
  auto ended = ask_until<Build>(ask, fmt::format("{} did not end", build_url), waiting, clock, pause);
  if (!ended && gave_up(ended.error())) warn(controller.stop(build_url));
  return ended;
}

int exit_code_of(const Build& build) {
  if (build.result == "SUCCESS") return 0;
  return build.result == "UNSTABLE" ? 1 : 3;
}

}  // namespace spyre::jenkins
