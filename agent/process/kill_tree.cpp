// SPDX-License-Identifier: Apache-2.0
#include "agent/process/kill_tree.hpp"

#include <cerrno>
#include <csignal>

#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/process/cgroup.hpp"

namespace spyre::process {

namespace {

// Forks can win against the freeze only a few times: each round stops all processes that were listed.
constexpr int freeze_rounds = 50;

bool has_ended(const UniqueFd& pidfd) {
  pollfd poll{pidfd.get(), POLLIN, 0};
  return ::poll(&poll, 1, 0) > 0;
}

}  // namespace

std::set<pid_t> living_members(const std::vector<ProcessInfo>& processes, const FamilyMarks& marks) {
  std::set<pid_t> roots = marks.roots;
  roots.insert(marks.strays.begin(), marks.strays.end());
  if (!marks.sessions.empty()) {
    const std::set<pid_t> beneath = descendants(processes, {marks.agent});
    for (const ProcessInfo& process : processes) {
      if (beneath.contains(process.pid) && marks.sessions.contains(process.session)) roots.insert(process.pid);
    }
  }
  if (!marks.environment.empty()) {
    for (const pid_t pid : with_environment(processes, marks.environment)) roots.insert(pid);
  }
  if (!marks.cgroup.empty()) {
    for (const pid_t pid : cgroup_members(marks.cgroup)) roots.insert(pid);
  }
  std::set<pid_t> members = descendants(processes, roots);
  for (const ProcessInfo& process : processes) {
    if (process.has_ended()) members.erase(process.pid);
  }
  members.erase(marks.agent);
  return members;
}

void TreeKiller::freeze_all() {
  std::set<pid_t> frozen;
  for (int round = 0; round < freeze_rounds; ++round) {
    bool found = false;
    const std::vector<ProcessInfo> processes = list_processes();
    const std::set<pid_t> members = living_members(processes, m_marks);
    for (const ProcessInfo& process : processes) {
      if (!members.contains(process.pid) || !frozen.insert(process.pid).second) continue;
      UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
      const bool no_room = !pidfd && errno != ESRCH;  // no more descriptors: the next step finds it again
      // The process may have ended since it was listed, and another process may have its number by now.
      if ((!pidfd && !no_room) || find_process(process.pid).started != process.started) continue;
      ::kill(process.pid, no_room ? SIGKILL : SIGSTOP);
      m_unwatched = m_unwatched || no_room;
      if (no_room) continue;
      m_killed.insert(process.pid);
      m_dying.insert_or_assign(process.pid, std::move(pidfd));
      found = true;
    }
    if (!found) return;
  }
}

bool TreeKiller::step() {
  m_unwatched = !check_process_table();
  freeze_all();
  for (auto it = m_dying.begin(); it != m_dying.end();) {
    if (has_ended(it->second)) {
      it = m_dying.erase(it);
    } else {
      ::kill(it->first, SIGKILL);
      ++it;
    }
  }
  if (m_dying.empty()) wait_for_adopted();
  return m_dying.empty() && !m_unwatched;
}

void TreeKiller::wait_for_adopted() const {
  for (const ProcessInfo& process : list_processes()) {
    const bool ours = process.parent == m_marks.agent && process.has_ended() && !m_marks.roots.contains(process.pid);
    if (ours && (m_killed.contains(process.pid) || m_marks.sessions.contains(process.session))) {
      ::waitpid(process.pid, nullptr, WNOHANG);
    }
  }
}

std::vector<int> TreeKiller::pidfds() const {
  std::vector<int> fds;
  for (const auto& [pid, pidfd] : m_dying) fds.push_back(pidfd.get());
  return fds;
}

KilledTree kill_tree(FamilyMarks marks, std::chrono::milliseconds time_limit) {
  constexpr int pause_ms = 50;
  const auto deadline = std::chrono::steady_clock::now() + time_limit;
  TreeKiller hunt(std::move(marks));
  while (!hunt.step() && std::chrono::steady_clock::now() < deadline) {
    std::vector<pollfd> fds;
    for (const int pidfd : hunt.pidfds()) fds.push_back({pidfd, POLLIN, 0});
    ::poll(fds.data(), fds.size(), pause_ms);
  }
  return {hunt.killed(), hunt.pidfds().size()};
}

}  // namespace spyre::process
