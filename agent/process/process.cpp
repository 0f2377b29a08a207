// SPDX-License-Identifier: Apache-2.0
#include "agent/process/process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/core/text.hpp"
#include "agent/process/default_signals.hpp"

namespace spyre::process {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, int>, 3> capabilities{
    {{"CAP_SYS_PTRACE", CAP_SYS_PTRACE}, {"CAP_PERFMON", CAP_PERFMON}, {"CAP_SYS_ADMIN", CAP_SYS_ADMIN}}};

enum class Step : int { directory, descriptors, program };

struct Failure {
  Step step;
  int code;
};

// Everything that the child needs between fork and exec. It is made before the fork: afterwards the child may only call
// functions that are safe in a signal handler, and that excludes every allocation.
struct Plan {
  std::vector<char*> argv, environment;
  const char* cwd = nullptr;
  std::vector<std::pair<int, int>> fds;  // sources are above every target
  std::vector<std::pair<int, rlimit>> limits;
  std::vector<int> dropped;  // capabilities
  int cgroup = -1;
  int report = -1;
  pid_t parent = -1;
};

[[noreturn]] void give_up(const Plan& plan, Step step) {
  const Failure failure{step, errno};
  [[maybe_unused]] const ssize_t ignored = ::write(plan.report, &failure, sizeof failure);
  ::_exit(127);
}

// If memory runs out, the kernel should kill a test and not the agent. The agent writes this setting: until exec, the
// process hides its copy of the agent's memory from all others, and may not write the setting itself.
void offer_to_the_oom_killer(pid_t pid) {
  const UniqueFd fd(::open(fmt::format("/proc/{}/oom_score_adj", pid).c_str(), O_WRONLY | O_CLOEXEC));
  if (fd) [[maybe_unused]]
    const ssize_t ignored = ::write(fd.get(), "500", 3);
}

// Done before the process starts others that could stay outside. If the kernel refuses, the process stays in the
// agent's group.
void enter_cgroup(int fd) {
  if (fd < 0) return;
  [[maybe_unused]] const ssize_t ignored = ::write(fd, "0", 1);
}

// As root, a test could read the agent's memory and environment, and attach to it. An ordinary user has none of these
// capabilities and may not drop them: then the calls fail without harm.
void drop_capabilities(const std::vector<int>& dropped) {
  for (const int capability : dropped) ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3]{};
  if (::syscall(SYS_capget, &header, sets) != 0) return;
  for (auto& set : sets) set.inheritable = 0;
  ::syscall(SYS_capset, &header, sets);
}

[[noreturn]] void exec_child(const Plan& plan) {
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != plan.parent) ::_exit(127);  // the agent died before the line above
  if (plan.cwd != nullptr && ::chdir(plan.cwd) != 0) give_up(plan, Step::directory);
  for (const auto& [limit, value] : plan.limits) ::setrlimit(limit, &value);  // a limit that may not be raised stays
  enter_cgroup(plan.cgroup);
  // Close everything on exec except the descriptors duplicated below.
  ::syscall(SYS_close_range, 0U, ~0U, CLOSE_RANGE_CLOEXEC);
  for (const auto& [source, target] : plan.fds) {
    if (::dup2(source, target) < 0) give_up(plan, Step::descriptors);
  }
  restore_default_signal_handlers();
  drop_capabilities(plan.dropped);
  ::execve(plan.argv.front(), plan.argv.data(), plan.environment.data());
  give_up(plan, Step::program);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

// Return a duplicate of `fd` whose number is at least `least`, so that no dup2 to a lower number can overwrite it.
Result<UniqueFd> duplicate_above(int fd, int least) {
  UniqueFd copy(::fcntl(fd, F_DUPFD_CLOEXEC, least));
  if (!copy)
    return fail(ErrorKind::infra,
                fmt::format("cannot duplicate a descriptor: {}", std::generic_category().message(errno)));
  return copy;
}

Error failure_to_start(const Failure& failure, const ProcessOptions& options) {
  errno = failure.code;
  if (failure.step == Step::directory) return errno_error("enter the directory", options.cwd);
  if (failure.step == Step::program) return errno_error("execute", options.argv.front());
  return Error{ErrorKind::infra,
               fmt::format("cannot start {}: {}", options.argv.front(), std::generic_category().message(failure.code)),
               {}};
}

// Wait for the end of the pipe: the child has executed the program, or reports why it could not.
std::optional<Failure> read_failure(int fd) {
  Failure failure{};
  ssize_t got = 0;
  do {
    got = ::read(fd, &failure, sizeof failure);
  } while (got < 0 && errno == EINTR);
  return got == sizeof failure ? std::optional(failure) : std::nullopt;
}

ExitStatus status_of(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return {info.si_status, std::nullopt};
  return {std::nullopt, info.si_status};
}

}  // namespace

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(ErrorKind::infra, fmt::format("cannot make a pipe: {}", std::generic_category().message(errno)),
                "raise the limit of open files (ulimit -n)");
  }
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Result<void> set_nonblocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
    return tl::make_unexpected(errno_error("set up", "a pipe"));
  return {};
}

void hide_from_other_processes() {
  ::prctl(PR_SET_DUMPABLE, 0);
}

Result<Process> Process::start(const ProcessOptions& options) {
  std::vector<std::string> argv = options.argv;
  std::vector<std::string> environment;
  for (const auto& [name, value] : options.environment) environment.push_back(fmt::format("{}={}", name, value));

  int highest = 2;
  for (const auto& [source, target] : options.fds) highest = std::max(highest, target);
  std::vector<std::pair<int, int>> wanted = options.fds;
  const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  for (int standard = 0; standard <= 2; ++standard) {
    const bool named = std::any_of(wanted.begin(), wanted.end(), [&](const auto& fd) { return fd.second == standard; });
    if (!named) wanted.emplace_back(null.get(), standard);
  }

  Plan plan;
  std::vector<UniqueFd> copies;
  for (const auto& [source, target] : wanted) {
    TRY(UniqueFd copy, duplicate_above(source, highest + 1));
    plan.fds.emplace_back(copy.get(), target);
    copies.push_back(std::move(copy));
  }
  TRY(Pipe report, make_pipe());
  TRY(UniqueFd report_end, duplicate_above(report.write.get(), highest + 1));
  report.write.reset();
  plan.argv = pointers(argv);
  plan.environment = pointers(environment);
  plan.cwd = options.cwd.empty() ? nullptr : options.cwd.c_str();
  for (const auto& [limit, value] : options.limits) plan.limits.emplace_back(limit, rlimit{value, value});
  UniqueFd cgroup;
  if (!options.cgroup.empty())
    cgroup = UniqueFd(::open((options.cgroup / "cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
  plan.cgroup = cgroup.get();
  for (const auto& [name, number] : capabilities) {
    const auto& kept = options.keep_capabilities;
    if (std::find(kept.begin(), kept.end(), number) == kept.end()) plan.dropped.push_back(number);
  }
  plan.report = report_end.get();
  plan.parent = ::getpid();

  const pid_t pid = ::fork();
  if (pid < 0) {
    return fail(ErrorKind::infra, fmt::format("cannot start a process: {}", std::generic_category().message(errno)),
                "raise the limit of processes (ulimit -u), or use fewer cards");
  }
  if (pid == 0) exec_child(plan);

  // The number cannot belong to another process until we wait for it.
  Process process(pid, UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))));
  const int pidfd_error = process.m_pidfd ? 0 : errno;
  // The child's copy of this end has to be the last one, or the pipe would never end.
  report_end.reset();
  if (const auto failure = read_failure(report.read.get())) {
    process.wait();
    return tl::make_unexpected(failure_to_start(*failure, options));
  }
  offer_to_the_oom_killer(pid);
  if (!process.m_pidfd) {
    process.end();
    if (pidfd_error == ENOSYS) {
      return fail(ErrorKind::infra, "this kernel has no pidfd_open (Linux 5.3 or newer is needed)");
    }
    return fail(ErrorKind::infra,
                fmt::format("cannot watch a process: {}", std::generic_category().message(pidfd_error)),
                "raise the limit of open files (ulimit -n)");
  }
  return process;
}

Process::Process(Process&& other) noexcept
    : m_pid(std::exchange(other.m_pid, -1)), m_pidfd(std::move(other.m_pidfd)), m_status(other.m_status) {}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(m_pid, other.m_pid);
  std::swap(m_pidfd, other.m_pidfd);
  std::swap(m_status, other.m_status);
  return *this;
}

Process::~Process() {
  end();
}

void Process::end() {
  if (m_pid < 0 || m_status) return;
  signal_group(SIGKILL);
  wait();
}

std::optional<ExitStatus> Process::try_wait() {
  return wait(WNOHANG);
}

ExitStatus Process::wait() {
  return wait(0).value_or(ExitStatus{});
}

std::optional<ExitStatus> Process::wait(int options) {
  if (m_status) return m_status;
  siginfo_t info{};
  int result = 0;
  do {
    result = ::waitid(P_PID, static_cast<id_t>(m_pid), &info, WEXITED | options);
  } while (result < 0 && errno == EINTR);
  if (result == 0 && info.si_pid == 0) return std::nullopt;
  // Without a status, other code has waited for our child; it is gone all the same.
  m_status = result == 0 ? status_of(info) : ExitStatus{};
  return m_status;
}

void Process::signal_group(int signal) const {
  if (m_pid > 0 && !m_status) ::kill(-m_pid, signal);
}

std::optional<int> capability_of(std::string_view name) {
  const auto found = std::find_if(capabilities.begin(), capabilities.end(),
                                  [&](const auto& capability) { return capability.first == name; });
  return found == capabilities.end() ? std::nullopt : std::optional(found->second);
}

Result<std::string> find_program(const std::string& name, const std::string& path) {
  const auto executable = [](const std::string& candidate) {
    std::error_code error;
    return fs::is_regular_file(candidate, error) && ::access(candidate.c_str(), X_OK) == 0;
  };
  if (name.find('/') != std::string::npos) {
    if (executable(name)) return name;
    return fail(ErrorKind::not_found, fmt::format("{} is not an executable file", name));
  }
  for (const std::string_view directory : split(path, ':')) {
    // An empty entry means the current directory: programs are not taken from there by accident.
    if (directory.empty()) continue;
    std::string candidate = fmt::format("{}/{}", directory, name);
    if (executable(candidate)) return candidate;
  }
  return fail(ErrorKind::not_found, fmt::format("there is no program '{}' on the path {}", name, path));
}

}  // namespace spyre::process
