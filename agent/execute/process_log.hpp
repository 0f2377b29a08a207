// SPDX-License-Identifier: Apache-2.0
// Which processes a run has started, written down before they do anything, so that another agent finds what a dead one
// left behind: RUN_DIR/worker/processes.jsonl.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>
#include <sys/types.h>

#include "agent/core/files.hpp"
#include "agent/core/result.hpp"
#include "agent/process/kill_tree.hpp"

namespace spyre::execute {

class ProcessLog {
 public:
  // Error: io.
  static Result<ProcessLog> open(const std::filesystem::path& run_dir);
  // A process that leads a session.
  void add_leader(pid_t pid);
  // The control group of the run.
  void add_cgroup(const std::filesystem::path& group);
  // A temporary directory of the run.
  void add_directory(const std::filesystem::path& directory);

 private:
  explicit ProcessLog(LineLog log) : m_log(std::move(log)) {}
  // A failure to write is worth one warning, not the end of a run: only the agent after a killed one reads this log.
  void append(const nlohmann::json& entry);
  LineLog m_log;
  bool m_failed = false;
};

// What was left of a run.
struct Leftovers {
  std::size_t ended = 0;  // processes
  std::vector<pid_t>
      seen;  // processes that may be the run's: they have its temporary directory open, and nothing more is known
};

// Ends what an agent that died has left of its run: processes of the sessions in its log, those that carry the mark of
// the run, and their descendants; removes its temporary directories. Nobody else runs in `run_dir`: the caller has its
// lock. Without control groups a process that left its session and cleared its environment is seen at best. Error: io,
// invalid.
Result<Leftovers> end_leftovers(const std::filesystem::path& run_dir, std::string_view run_id,
                                std::chrono::milliseconds time_limit);

}  // namespace spyre::execute
