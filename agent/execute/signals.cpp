// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/signals.hpp"

#include <array>
#include <cerrno>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "agent/core/files.hpp"
#include "agent/process/process_table.hpp"

namespace spyre::execute {

namespace {

bool is_ignored(int signal) {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

// Return how a process is related to this one. Parents may end meanwhile, and their children get others.
Signals::Sender sender_of(pid_t pid) {
  constexpr int attempts = 5;
  const pid_t self = ::getpid();
  if (pid <= 1 || pid == self) return Signals::Sender::elsewhere;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    process::ProcessInfo process = process::find_process(pid);
    if (process.pid == 0) return Signals::Sender::gone;
    while (process.pid != 0) {
      if (process.parent == self) return Signals::Sender::descendant;
      if (process.parent <= 1) return Signals::Sender::elsewhere;
      process = process::find_process(process.parent);
    }
  }
  return Signals::Sender::gone;
}

}  // namespace

struct Signals::State {
  UniqueFd signals;  // signalfd
  UniqueFd arrived;  // eventfd: number of signals in the queue
  UniqueFd end;      // eventfd: ends the thread
  std::mutex mutex;
  std::deque<Arrived> queue;
  sigset_t mask_before{};
  struct sigaction pipe_before {};
  struct sigaction size_before {};
  std::thread thread;

  // Returns nothing when the thread has to end.
  bool wait_for_signal() const {
    std::array<pollfd, 2> fds{pollfd{signals.get(), POLLIN, 0}, pollfd{end.get(), POLLIN, 0}};
    while (::poll(fds.data(), fds.size(), -1) < 0 && errno == EINTR) {
    }
    return fds[1].revents == 0;
  }

  void listen() {
    while (wait_for_signal()) {
      signalfd_siginfo info{};
      if (::read(signals.get(), &info, sizeof info) != sizeof info) continue;
      const auto pid = static_cast<pid_t>(info.ssi_pid);
      const Arrived one{static_cast<int>(info.ssi_signo), pid, sender_of(pid)};
      const std::lock_guard lock(mutex);
      queue.push_back(one);
      ::eventfd_write(arrived.get(), 1);
    }
  }
};

void restore_default_signal_handlers() {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (const int signal : {SIGTERM, SIGINT}) ::sigaction(signal, &action, nullptr);
}

Result<Signals> Signals::take() {
  auto state = std::make_unique<State>();
  sigset_t wanted;
  ::sigemptyset(&wanted);
  ::sigaddset(&wanted, SIGTERM);
  ::sigaddset(&wanted, SIGINT);
  if (!is_ignored(SIGHUP)) ::sigaddset(&wanted, SIGHUP);
  const auto failed = [](int code) {
    return fail(ErrorKind::infra, fmt::format("cannot watch signals: {}", std::generic_category().message(code)));
  };
  // A blocked signal is kept for signalfd, whether it is ignored or not.
  state->signals = UniqueFd(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  state->arrived = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE));
  state->end = UniqueFd(::eventfd(0, EFD_CLOEXEC));
  if (!state->signals || !state->arrived || !state->end) return failed(errno);
  ::pthread_sigmask(SIG_BLOCK, &wanted, &state->mask_before);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, &state->pipe_before);
  ::sigaction(SIGXFSZ, &ignore, &state->size_before);
  Signals signals(std::move(state));
  try {
    signals.m_state->thread = std::thread([state = signals.m_state.get()] { state->listen(); });
  } catch (const std::system_error& error) {
    return failed(error.code().value());
  }
  return signals;
}

Signals::Signals(std::unique_ptr<State> state) : m_state(std::move(state)) {}
Signals::Signals(Signals&& other) noexcept = default;

Signals::~Signals() {
  if (m_state == nullptr) return;
  ::eventfd_write(m_state->end.get(), 1);
  if (m_state->thread.joinable()) m_state->thread.join();
  signalfd_siginfo info{};
  while (::read(m_state->signals.get(), &info, sizeof info) == sizeof info) {
    // A signal that came too late to be noticed must not end the program when it is unblocked.
  }
  ::sigaction(SIGPIPE, &m_state->pipe_before, nullptr);
  ::sigaction(SIGXFSZ, &m_state->size_before, nullptr);
  ::pthread_sigmask(SIG_SETMASK, &m_state->mask_before, nullptr);
}

int Signals::fd() const {
  return m_state->arrived.get();
}

std::optional<Signals::Arrived> Signals::next() {
  eventfd_t one = 0;
  if (::eventfd_read(m_state->arrived.get(), &one) != 0) return std::nullopt;
  const std::lock_guard lock(m_state->mutex);
  const Arrived arrived = m_state->queue.front();
  m_state->queue.pop_front();
  return arrived;
}

bool StopRule::stops(Signals::Sender sender, bool tests_run, SteadyTime now) {
  constexpr std::chrono::seconds insisting{5};
  if (sender != Signals::Sender::gone || !tests_run) return sender != Signals::Sender::descendant;
  // A test's process, or a user's `kill`: a user sends it again.
  const bool again = m_last_gone && now - *m_last_gone <= insisting;
  m_last_gone = now;
  return again;
}

}  // namespace spyre::execute
