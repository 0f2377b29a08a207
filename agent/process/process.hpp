// SPDX-License-Identifier: Apache-2.0
// One process of a foreign program, held by a handle that cannot refer to another process by mistake.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "agent/core/files.hpp"
#include "agent/core/result.hpp"
#include "agent/process/exit_status.hpp"

namespace spyre::process {

struct Pipe {
  UniqueFd read, write;
};
// Make a pipe. Both ends are closed on exec; ProcessOptions::fds names the descriptors that a process gets. Error:
// infra.
Result<Pipe> make_pipe();
Result<void> set_nonblocking(int fd);

// Prevent other processes of this user from reading this one's memory and environment (/proc/<pid>/environ): they hold
// secrets, and tests are foreign code. Programs that it starts are not hidden.
void hide_from_other_processes();

struct ProcessOptions {
  std::vector<std::string> argv;                   // argv[0] is a path: no search, no shell
  std::map<std::string, std::string> environment;  // the complete environment
  std::filesystem::path cwd;                       // empty: the agent's
  // (descriptor here, number there). Descriptors 0 to 2 that are not named are /dev/null; no others are passed on.
  std::vector<std::pair<int, int>> fds;
  std::vector<std::pair<int, unsigned long long>> limits;  // (RLIMIT_…, bytes or count): soft and hard
  // The capabilities to keep, of those that let root reach into other processes and into the system: CAP_SYS_PTRACE,
  // CAP_PERFMON, CAP_SYS_ADMIN. The others are dropped for good if the agent may do that (CAP_SETPCAP); none is
  // inherited.
  std::vector<int> keep_capabilities = {};
  std::filesystem::path cgroup;  // control group that it starts in, if the kernel allows it; empty: the agent's
};

// A process in a session and process group of its own (its number is the pid), with default signal handlers and no
// signal blocked, whatever the agent ignores or blocks. It is killed when the thread that started it ends, so that it
// does not outlive the agent.
class Process {
 public:
  // Start a process. Error: not_found (program not found), io (it cannot be executed, the directory does not exist),
  // infra (no more processes).
  static Result<Process> start(const ProcessOptions& options);
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  // Kills a process that still runs, with its group, and waits for it.
  ~Process();

  pid_t pid() const { return m_pid; }
  // Return a descriptor that becomes readable when the process ends: for poll().
  int pidfd() const { return m_pidfd.get(); }
  // Return how the process ended; nothing while it runs. Afterwards the process is gone, and so is its number.
  std::optional<ExitStatus> try_wait();
  ExitStatus wait();
  // Give up on a process that cannot be killed: it is neither waited for nor touched again.
  void abandon() { m_status = ExitStatus{}; }
  // Send a signal to every process of its group. Does nothing if none is left.
  void signal_group(int signal) const;

 private:
  Process(pid_t pid, UniqueFd pidfd) : m_pid(pid), m_pidfd(std::move(pidfd)) {}
  std::optional<ExitStatus> wait(int options);
  void end();

  pid_t m_pid = -1;
  UniqueFd m_pidfd;  // closed once the process was waited for
  std::optional<ExitStatus> m_status;
};

// Return the number of "CAP_SYS_ADMIN" and the others that ProcessOptions names; nothing for other names.
std::optional<int> capability_of(std::string_view name);

// Return the path of a program: `name` itself if it contains a '/', else the first match on `path` ("/usr/bin:/bin").
// Error: not_found.
Result<std::string> find_program(const std::string& name, const std::string& path);

}  // namespace spyre::process
