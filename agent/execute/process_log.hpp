// SPDX-License-Identifier: Apache-2.0
// The processes that a run has started, written down before they do anything, so that another agent can find the
// processes of a dead one: RUN_DIR/worker/processes.jsonl.
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
  // Open the log. Error: io.
  static Result<ProcessLog> open(const std::filesystem::path& run_dir);
  // Add a process that leads a session.
  void add_leader(pid_t pid);
  // Add the control group of the run.
  void add_cgroup(const std::filesystem::path& group);
  // Add a temporary directory of the run.
  void add_directory(const std::filesystem::path& directory);

 private:
  explicit ProcessLog(LineLog log) : m_log(std::move(log)) {}
  // A write failure causes one warning and does not end the run: only the agent after a killed one reads this log.
  void append(const nlohmann::json& entry);
  LineLog m_log;
  bool m_failed = false;
};

// Remains of a run.
struct Leftovers {
  std::size_t ended = 0;  // processes
  std::vector<pid_t>
      seen;  // processes that may belong to the run: all that is known is that they use its temporary directory
};

// End the remains of a run whose agent died: the processes of the sessions in its log, those that carry the mark of the
// run, and their descendants; remove its temporary directories. The caller holds the lock of `run_dir`, so no other run
// uses it. Without control groups, a process that left its session and cleared its environment is at best reported.
// Error: io, invalid.
Result<Leftovers> end_leftovers(const std::filesystem::path& run_dir, std::string_view run_id,
                                std::chrono::milliseconds time_limit);

}  // namespace spyre::execute
