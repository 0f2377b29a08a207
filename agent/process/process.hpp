// SPDX-License-Identifier: Apache-2.0
// One process of a foreign program, held by a handle that cannot mean another process by mistake.
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
// Both ends are closed on exec; what a process is to have is named in ProcessOptions::fds. Error: infra.
Result<Pipe> make_pipe();
Result<void> set_nonblocking(int fd);

// From now on no other process of this user can read this one's memory or environment (/proc/<pid>/environ): secrets
// are in there, and tests are other people's code. Programs that it starts are not hidden.
void hide_from_other_processes();

struct ProcessOptions {
  std::vector<std::string> argv;                   // argv[0] is a path: nothing is searched, no shell is involved
  std::map<std::string, std::string> environment;  // this and nothing else
  std::filesystem::path cwd;                       // empty: the agent's
  // (descriptor here, number there). Descriptors 0 to 2 that are not named are /dev/null; no others are handed on.
  std::vector<std::pair<int, int>> fds;
  std::vector<std::pair<int, unsigned long long>> limits;  // (RLIMIT_…, bytes or count): soft and hard
  // Of those that let root reach into other processes and into the system, these stay: CAP_SYS_PTRACE, CAP_PERFMON,
  // CAP_SYS_ADMIN. The others are dropped for good where the agent may do that (CAP_SETPCAP); nothing is inherited.
  std::vector<int> keep_capabilities = {};
  std::filesystem::path cgroup;  // a control group that it starts in, if the kernel lets it; empty: the agent's
};

// The process starts in a session and process group of its own (its number is the pid), with default signal handlers
// and no signal blocked, whatever the agent ignores or blocks. It is killed when the thread that started it ends, so
// that it does not outlive the agent.
class Process {
 public:
  // Error: not_found (no such program), io (it cannot be executed, no such directory), infra (no more processes).
  static Result<Process> start(const ProcessOptions& options);
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  // A process that is still there is killed, with its group, and waited for.
  ~Process();

  pid_t pid() const { return m_pid; }
  // Becomes readable when the process ends: for poll().
  int pidfd() const { return m_pidfd.get(); }
  // How it ended, or nothing as long as it runs. Afterwards the process is gone, and so is its number.
  std::optional<ExitStatus> try_wait();
  ExitStatus wait();
  // Gives up on a process that cannot be killed: it is neither waited for nor touched again.
  void abandon() { m_status = ExitStatus{}; }
  // To every process of its group. No error when there is none any more.
  void signal_group(int signal) const;

 private:
  Process(pid_t pid, UniqueFd pidfd) : m_pid(pid), m_pidfd(std::move(pidfd)) {}
  std::optional<ExitStatus> wait(int options);
  void end();

  pid_t m_pid = -1;
  UniqueFd m_pidfd;  // closed once the process was waited for
  std::optional<ExitStatus> m_status;
};

// The number of "CAP_SYS_ADMIN", of those that ProcessOptions names; nothing for other names.
std::optional<int> capability_of(std::string_view name);

// Where a program is: `name` itself when it has a '/', else the first match on `path` ("/usr/bin:/bin"). Error:
// not_found.
Result<std::string> find_program(const std::string& name, const std::string& path);

}  // namespace spyre::process
