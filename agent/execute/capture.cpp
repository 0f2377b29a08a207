// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/capture.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <poll.h>
#include <unistd.h>

#include "agent/core/text.hpp"
#include "agent/process/kill_tree.hpp"

namespace spyre::execute {

namespace {

// Read the available bytes; return false if the other end is closed.
bool drain(int fd, std::string& text, std::size_t limit) {
  std::array<char, 16384> buffer{};
  while (true) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return true;
    if (got == 0) return false;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    // Cut the middle long before memory runs out; the mark of the cut is written once more at the end.
    if (text.size() > 4 * limit) text.erase(limit, text.size() - 2 * limit);
  }
}

int milliseconds_until(SteadyTime deadline) {
  using std::chrono::milliseconds;
  const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

}  // namespace

Result<Captured> run_captured(process::ProcessOptions options, Seconds time_limit, Signals* signals,
                              std::size_t text_limit) {
  TRY(process::Pipe output, process::make_pipe());
  TRY(process::Pipe errors, process::make_pipe());
  CHECK_OK(process::set_nonblocking(output.read.get()));
  CHECK_OK(process::set_nonblocking(errors.read.get()));
  options.fds.emplace_back(output.write.get(), STDOUT_FILENO);
  options.fds.emplace_back(errors.write.get(), STDERR_FILENO);
  TRY(process::Process process, process::Process::start(options));
  output.write.reset();
  errors.write.reset();

  Captured captured;
  const SteadyTime deadline =
      std::chrono::steady_clock::now() + std::chrono::duration_cast<SteadyTime::duration>(time_limit);
  std::optional<process::ExitStatus> status;
  while (!status) {
    std::array<pollfd, 4> fds{pollfd{process.pidfd(), POLLIN, 0}, pollfd{output.read.get(), POLLIN, 0},
                              pollfd{errors.read.get(), POLLIN, 0},
                              pollfd{signals == nullptr ? -1 : signals->fd(), POLLIN, 0}};
    const int ready = ::poll(fds.data(), fds.size(), milliseconds_until(deadline));
    const auto arrived = signals == nullptr ? std::nullopt : signals->next();
    if (arrived && arrived->sender != Signals::Sender::descendant) captured.interrupted_by = arrived->signal;
    captured.timed_out = ready == 0;
    if (captured.timed_out || captured.interrupted_by != 0) {
      process::kill_tree({{process.pid()}, {process.pid()}, {}, ::getpid()}, std::chrono::seconds{5});
      status = process.wait();
    } else {
      status = process.try_wait();
    }
    // Processes left in its group may hold the pipes open: read until the process ends, not until they do.
    if (output.read && !drain(output.read.get(), captured.output, text_limit)) output.read.reset();
    if (errors.read && !drain(errors.read.get(), captured.errors, text_limit)) errors.read.reset();
  }
  captured.status = *status;
  captured.output = head_and_tail(captured.output, text_limit);
  captured.errors = head_and_tail(captured.errors, text_limit);
  return captured;
}

}  // namespace spyre::execute
