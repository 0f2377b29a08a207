// SPDX-License-Identifier: Apache-2.0
// Ending a family of processes, wherever they hide, and the proof that nobody of it is left.
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

// By what the processes of one worker are known.
struct FamilyMarks {
  std::set<pid_t> roots;              // they, and whoever descends from them
  std::set<pid_t> sessions;           // sessions that were started among them; only beneath `agent`
  std::string environment;            // an entry of the environment that they inherited; empty: none
  pid_t agent = 0;                    // who adopts what their dead parents leave behind; itself never a member
  std::filesystem::path cgroup = {};  // all in it; empty: none
  std::set<pid_t> strays = {};        // these and their descendants: children that `agent` has inherited
};

// Members of the family that have not ended.
std::set<pid_t> living_members(const std::vector<ProcessInfo>& processes, const FamilyMarks& marks);

// Freezes the family, so that nobody can start a new member meanwhile, then kills it. A member whose parent dies is
// adopted by the agent, which is a child subreaper: it cannot get away.
class TreeKiller {
 public:
  explicit TreeKiller(FamilyMarks marks) : m_marks(std::move(marks)) {}

  // Looks for members and kills them. True when there is none left; otherwise call it again when one of pidfds() has
  // become readable, or after a moment.
  bool step();
  // More members: children that the agent has inherited.
  void add(const std::set<pid_t>& strays) { m_marks.strays.insert(strays.begin(), strays.end()); }
  // Of the members that were killed and have not ended yet.
  std::vector<int> pidfds() const;
  // How many members there were, ended by now or not.
  std::size_t killed() const { return m_killed.size(); }

 private:
  void freeze_all();
  void wait_for_adopted() const;

  FamilyMarks m_marks;
  std::set<pid_t> m_killed;
  std::map<pid_t, UniqueFd> m_dying;
  bool m_unwatched = false;  // for want of descriptors not all members are known, or in m_dying
};

// Ends a family and waits until nobody is left, or until the time is over. How many there were; and how many not even
// SIGKILL has ended.
struct KilledTree {
  std::size_t killed = 0, stuck = 0;
};
KilledTree kill_tree(FamilyMarks marks, std::chrono::milliseconds time_limit);

}  // namespace spyre::process
