// SPDX-License-Identifier: Apache-2.0
#include "agent/process/command.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <exception>
#include <mutex>
#include <system_error>
#include <utility>

#include <boost/process/args.hpp>
#include <boost/process/child.hpp>
#include <boost/process/error.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/extend.hpp>
#include <boost/process/posix.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/core/files.hpp"
#include "agent/process/default_signals.hpp"
#include "agent/process/process.hpp"

namespace spyre::process {
namespace {

namespace bp = boost::process;

constexpr std::chrono::milliseconds request_interval{100};
constexpr std::chrono::seconds kill_limit{5};  // a process stuck in the kernel does not end
constexpr std::size_t largest_pipe = std::size_t{1} << 20;

tl::unexpected<Error> cannot_start(const std::string& program, int code) {
  return fail(ErrorKind::infra, fmt::format("cannot start {}: {}", program, std::generic_category().message(code)),
              "raise the limits of processes and open files (ulimit -u, ulimit -n)");
}

// The parts of the start for which Boost.Process has no options. Everything that on_exec_setup needs is made before the
// fork: nothing may be allocated between fork and exec.
struct ChildSetup : bp::extend::handler {
  std::vector<char*> environment;
  pid_t parent = ::getpid();
  bool forked = false;  // set on errors: whether the program itself failed

  template <typename Executor>
  void on_setup(Executor& executor) {
    executor.env = environment.data();
  }

  template <typename Executor>
  void on_exec_setup(Executor&) const {
    ::setsid();
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(127);  // the agent died before the line above
    // The library's limit_handles reads a directory, which allocates. This also closes the library's own pipe in every
    // child, so that no start waits for the end of another child.
    ::syscall(SYS_close_range, STDERR_FILENO + 1U, ~0U, CLOSE_RANGE_CLOEXEC);
    restore_default_signal_handlers();
  }

  template <typename Executor>
  void on_error(Executor& executor, const std::error_code&) {
    forked = executor.pid > 0;
    // Version 1.74 of the library leaves a child that could not execute its program as a zombie.
    if (forked) ::waitpid(executor.pid, nullptr, 0);
  }
};

class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &m_before);
  }
  ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &m_before, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t m_before{};
};

// A child that has not been waited for: until then neither its number nor that of its group can mean another process.
class Child {
 public:
  Child(bp::child child, UniqueFd pidfd) : m_child(std::move(child)), m_pidfd(std::move(pidfd)) {}
  Child(Child&&) = default;
  Child& operator=(Child&&) = delete;
  ~Child() {
    if (!m_child.joinable()) return;
    signal_group(SIGKILL);
    wait();
  }

  int pidfd() const { return m_pidfd.get(); }
  // The child leads a session, hence it cannot leave its group.
  void signal_group(int signal) const { ::kill(-m_child.id(), signal); }
  // Not exit_code(): it is 9 both after SIGKILL and after exit(9). Not wait_for(): it is not thread-safe.
  ExitStatus wait() {
    std::error_code error;
    m_child.wait(error);
    const int status = m_child.native_exit_code();
    m_child.detach();
    if (error) return {};  // other code in the agent has waited for it
    if (WIFSIGNALED(status)) return {std::nullopt, WTERMSIG(status)};
    return {WEXITSTATUS(status), std::nullopt};
  }
  void abandon() { m_child.detach(); }

 private:
  bp::child m_child;
  UniqueFd m_pidfd;
};

struct Started {
  Child child;
  UniqueFd output, errors;
};

// Opens /dev/null up to the first descriptor above standard error. While these are open, all others are above, too: a
// pipe among the standard numbers would be overwritten in the child.
Result<std::vector<UniqueFd>> occupy_standard_descriptors() {
  std::vector<UniqueFd> held;
  do {
    held.emplace_back(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!held.back()) return tl::make_unexpected(errno_error("open", "/dev/null"));
  } while (held.back().get() <= STDERR_FILENO);
  return held;
}

// A file in memory instead of a pipe: it needs no writing loop and causes no SIGPIPE.
Result<UniqueFd> file_of(std::string_view bytes) {
  UniqueFd file(::memfd_create("input", MFD_CLOEXEC));
  if (!file) return tl::make_unexpected(errno_error("create", "a file in memory"));
  CHECK_OK(write_all(file.get(), bytes, "a file in memory"));
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

// The library's error pipe is inherited by a child that is started at the same moment.
std::mutex& start_mutex() {
  static std::mutex mutex;
  return mutex;
}

Result<Started> start(const Command& command) {
  TRY(const std::vector<UniqueFd> held, occupy_standard_descriptors());
  TRY(Pipe output, make_pipe());
  TRY(Pipe errors, make_pipe());
  CHECK_OK(set_nonblocking(output.read.get()));
  CHECK_OK(set_nonblocking(errors.read.get()));
  UniqueFd file;
  if (!command.input.empty()) {
    TRY(file, file_of(command.input));
  }
  const int input = file ? file.get() : held.back().get();

  std::vector<std::string> environment = command.environment;
  ChildSetup setup;
  for (std::string& variable : environment) setup.environment.push_back(variable.data());
  setup.environment.push_back(nullptr);
  const std::string& program = command.argv.front();
  const std::vector<std::string> arguments(command.argv.begin() + 1, command.argv.end());
  bp::child started;
  std::error_code error;
  try {
    const std::lock_guard lock(start_mutex());
    const BlockedSignals blocked;
    started = bp::child(bp::exe = program, bp::args = arguments, setup, bp::posix::fd.bind(STDIN_FILENO, input),
                        bp::posix::fd.bind(STDOUT_FILENO, output.write.get()),
                        bp::posix::fd.bind(STDERR_FILENO, errors.write.get()), error);
  } catch (const std::exception& exception) {
    return fail(ErrorKind::infra, fmt::format("cannot start {}: {}", program, exception.what()));
  }
  if (error && !setup.forked) return cannot_start(program, error.value());
  if (error) {
    errno = error.value();
    return tl::make_unexpected(errno_error("execute", program));
  }
  UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, started.id(), 0)));
  const int code = errno;
  const bool watched = static_cast<bool>(pidfd);
  Child child(std::move(started), std::move(pidfd));
  if (!watched) return cannot_start(program, code);
  return Started{std::move(child), std::move(output.read), std::move(errors.read)};
}

SteadyTime after(SteadyTime time, Seconds seconds) {
  return time + std::chrono::duration_cast<SteadyTime::duration>(seconds);
}

// Reads the output of a started program, and stops the program when it exceeds a limit.
class Watch {
 public:
  Watch(const Command& command, Started started) : m_command(command), m_started(std::move(started)) {}

  Result<CommandResult> run() {
    while (true) {
      std::array<pollfd, 3> waits{pollfd{m_started.output.get(), POLLIN, 0}, pollfd{m_started.errors.get(), POLLIN, 0},
                                  pollfd{m_started.child.pidfd(), POLLIN, 0}};
      const int ready = ::poll(waits.data(), waits.size(), milliseconds_to_next_step());
      if (ready < 0 && errno == EINTR) continue;
      if (ready < 0) return tl::make_unexpected(errno_error("watch", m_command.argv.front()));
      const SteadyTime now = std::chrono::steady_clock::now();
      if (waits[0].revents != 0) read_output(now);
      if (waits[1].revents != 0) read_errors(now);
      if (waits[2].revents != 0) return finish(now);
      if (!escalate(now)) {
        m_started.child.abandon();
        return std::move(m_result);
      }
    }
  }

 private:
  enum class Escalation { none, terminate, kill };
  static constexpr SteadyTime never = SteadyTime::max();

  // Return the number of bytes.
  template <typename Take>
  std::size_t read(UniqueFd& fd, SteadyTime now, Take take) {
    if (!fd) return 0;
    const ssize_t got = ::read(fd.get(), m_buffer.data(), m_buffer.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return 0;
    if (got <= 0) {
      fd.reset();
      return 0;
    }
    m_last_output = now;
    take(std::string_view(m_buffer.data(), static_cast<std::size_t>(got)));
    return static_cast<std::size_t>(got);
  }

  std::size_t read_output(SteadyTime now) {
    return read(m_started.output, now, [&](std::string_view bytes) {
      const std::size_t room = m_command.output_limit - m_result.output.size();
      m_result.output += bytes.substr(0, room);
      if (bytes.size() > room && !m_result.stopped) m_result.stopped = StopReason::output_limit;
    });
  }

  std::size_t read_errors(SteadyTime now) {
    return read(m_started.errors, now, [&](std::string_view bytes) {
      m_result.errors += bytes;
      if (m_result.errors.size() > 2 * m_command.errors_limit) keep_end_of_errors();
      if (m_command.on_errors) m_command.on_errors(bytes);
    });
  }

  void keep_end_of_errors() {
    if (m_result.errors.size() > m_command.errors_limit) {
      m_result.errors.erase(0, m_result.errors.size() - m_command.errors_limit);
    }
  }

  std::optional<StopReason> reason_to_stop(SteadyTime now) const {
    if (now >= time_deadline()) return StopReason::time_limit;
    if (now >= silence_deadline()) return StopReason::silence_limit;
    if (m_command.is_stop_requested && m_command.is_stop_requested()) return StopReason::requested;
    return std::nullopt;
  }

  SteadyTime time_deadline() const { return m_command.time_limit ? after(m_start, *m_command.time_limit) : never; }
  SteadyTime silence_deadline() const {
    return m_command.silence_limit ? after(m_last_output, *m_command.silence_limit) : never;
  }

  int milliseconds_to_next_step() const {
    using std::chrono::milliseconds;
    const SteadyTime now = std::chrono::steady_clock::now();
    SteadyTime next = m_next;
    if (m_escalation == Escalation::none) {
      next = std::min(time_deadline(), silence_deadline());
      if (m_command.is_stop_requested) next = std::min(next, now + request_interval);
    }
    const auto left = std::chrono::ceil<milliseconds>(next - now);
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
  }

  // Take the next step of the stop, if it is due. Return false if no step is left.
  bool escalate(SteadyTime now) {
    if (m_escalation == Escalation::none) {
      if (!m_result.stopped) m_result.stopped = reason_to_stop(now);
      if (m_result.stopped) step(Escalation::terminate, SIGTERM, after(now, m_command.grace));
      return true;
    }
    if (now < m_next) return true;
    if (m_escalation == Escalation::kill) return false;
    step(Escalation::kill, SIGKILL, now + kill_limit);
    return true;
  }

  void step(Escalation escalation, int signal, SteadyTime next) {
    m_started.child.signal_group(signal);
    m_escalation = escalation;
    m_next = next;
  }

  CommandResult finish(SteadyTime now) {
    // A process that was left behind may hold the pipes open and write to them without end.
    for (std::size_t bytes = 0, got = 1; got > 0 && bytes < largest_pipe; bytes += got) got = read_output(now);
    for (std::size_t bytes = 0, got = 1; got > 0 && bytes < largest_pipe; bytes += got) got = read_errors(now);
    keep_end_of_errors();
    if (m_escalation != Escalation::none) m_started.child.signal_group(SIGKILL);  // for the program's children
    m_result.status = m_started.child.wait();
    return std::move(m_result);
  }

  const Command& m_command;
  Started m_started;
  CommandResult m_result;
  const SteadyTime m_start = std::chrono::steady_clock::now();
  SteadyTime m_last_output = m_start;
  Escalation m_escalation = Escalation::none;
  SteadyTime m_next = never;
  std::array<char, std::size_t{64} << 10> m_buffer{};
};

}  // namespace

Result<CommandResult> run_command(const Command& command) {
  if (command.argv.empty()) return fail(ErrorKind::internal, "a command without a program");
  if (!command.time_limit && !command.silence_limit) {
    return fail(ErrorKind::internal, fmt::format("{} would be started without a time limit", command.argv.front()));
  }
  TRY(Started started, start(command));
  return Watch(command, std::move(started)).run();
}

std::vector<std::string> current_environment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  return variables;
}

}  // namespace spyre::process
