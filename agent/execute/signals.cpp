// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/signals.hpp"

#include <cerrno>
#include <utility>

#include <fmt/format.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace spyre::execute {

namespace {

bool is_ignored(int signal) {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

void hear_signals() {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (const int signal : {SIGTERM, SIGINT}) ::sigaction(signal, &action, nullptr);
}

Result<Signals> Signals::take() {
  Signals signals;
  sigset_t wanted;
  ::sigemptyset(&wanted);
  ::sigaddset(&wanted, SIGTERM);
  ::sigaddset(&wanted, SIGINT);
  if (!is_ignored(SIGHUP)) ::sigaddset(&wanted, SIGHUP);
  // A blocked signal is kept for signalfd, whether it is ignored or not.
  signals.m_fd = UniqueFd(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals.m_fd) {
    return fail(ErrorKind::infra, fmt::format("cannot watch signals: {}", std::generic_category().message(errno)));
  }
  ::pthread_sigmask(SIG_BLOCK, &wanted, &signals.m_mask_before);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, &signals.m_pipe_before);
  return signals;
}

Signals::Signals(Signals&& other) noexcept
    : m_fd(std::move(other.m_fd)), m_mask_before(other.m_mask_before), m_pipe_before(other.m_pipe_before) {}

Signals::~Signals() {
  if (!m_fd) return;
  while (next()) {
    // A signal that came too late to be noticed must not end the program when it is unblocked.
  }
  ::sigaction(SIGPIPE, &m_pipe_before, nullptr);
  ::pthread_sigmask(SIG_SETMASK, &m_mask_before, nullptr);
}

std::optional<Signals::Arrived> Signals::next() {
  signalfd_siginfo info{};
  if (::read(m_fd.get(), &info, sizeof info) != sizeof info) return std::nullopt;
  return Arrived{static_cast<int>(info.ssi_signo), static_cast<pid_t>(info.ssi_pid)};
}

}  // namespace spyre::execute
