// SPDX-License-Identifier: Apache-2.0
// Ends a family of processes, even if they hide, and proves that no process of it is left.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "agent/core/files.hpp"
#include "agent/process/process_table.hpp"

namespace spyre::process {

// Marks by which the processes of one worker are recognised.
struct FamilyMarks {
  std::set<pid_t> roots;              // these processes and all of their descendants
  std::set<pid_t> sessions;           // sessions that were started among them; only beneath `agent`
  std::string environment;            // an environment entry that they inherited; empty: none
  pid_t agent = 0;                    // adopts the processes of dead parents; itself never a member
  std::filesystem::path cgroup = {};  // all of its processes; empty: none
  std::set<pid_t> strays = {};        // these and their descendants: children that `agent` has inherited
};

// Return the members of the family that have not ended.
std::set<pid_t> living_members(const std::vector<ProcessInfo>& processes, const FamilyMarks& marks);

// Freezes the family, so that it cannot start a new member meanwhile, then kills it. A member whose parent dies is
// adopted by the agent, which is a child subreaper: it cannot escape.
class TreeKiller {
 public:
  explicit TreeKiller(FamilyMarks marks) : m_marks(std::move(marks)) {}

  // Look for members and kill them. Return true if none is left; otherwise call it again when one of pidfds() has
  // become readable, or after a moment.
  bool step();
  // Add members: children that the agent has inherited.
  void add(const std::set<pid_t>& strays) { m_marks.strays.insert(strays.begin(), strays.end()); }
  // Return the pidfds of members that were killed and have not ended yet.
  std::vector<int> pidfds() const;
  // Return how many members there were, ended by now or not.
  std::size_t killed() const { return m_killed.size(); }

 private:
  void freeze_all();
  void wait_for_adopted() const;

  FamilyMarks m_marks;
  std::set<pid_t> m_killed;
  std::map<pid_t, UniqueFd> m_dying;
  bool m_unwatched = false;  // too few descriptors: not all members are known or in m_dying
};

// The result of kill_tree(), which ends a family and waits until no process is left or the time is over: how many
// processes there were, and how many even SIGKILL did not end.
struct KilledTree {
  std::size_t killed = 0, stuck = 0;
};
KilledTree kill_tree(FamilyMarks marks, std::chrono::milliseconds time_limit);

}  // namespace spyre::process
