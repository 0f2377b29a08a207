// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "agent/core/files.hpp"
#include "agent/core/result.hpp"
#include "agent/execute/environment.hpp"
#include "agent/execute/process_pool.hpp"
#include "agent/execute/run.hpp"
#include "agent/process/cgroup.hpp"

namespace spyre::execute {

// Determines how the workers of a run are started: the Python, the worker's program, the environment, the directories.
class Launcher {
 public:
  // Write the worker's program to RUN_DIR/worker/. `options` outlive the launcher. Error: io, config (execute.cgroup).
  static Result<Launcher> create(const RunOptions& options, std::string python);
  // Create a worker's directories. Error: io.
  Result<WorkerLaunch> launch(WorkerId worker, const std::vector<int>& cards) const;
  // Return the directory of all workers' places, which is removed with this object.
  const std::filesystem::path& directory() const { return m_places.path(); }
  // Return the control group of all workers; empty if there is none.
  std::filesystem::path cgroup() const { return m_cgroup ? m_cgroup->directory() : std::filesystem::path(); }
  // Return names that the configuration passes to tests although they hold secrets.
  std::vector<std::string> withheld() const;

 private:
  Launcher(const RunOptions& options, std::string python, std::filesystem::path program, TemporaryDirectory places,
           std::unique_ptr<process::RunCgroup> cgroup)
      : m_options(&options),
        m_python(std::move(python)),
        m_program(std::move(program)),
        m_places(std::move(places)),
        m_cgroup(std::move(cgroup)) {}

  const RunOptions* m_options;
  std::string m_python;
  std::filesystem::path m_program;
  // Not in the run directory: its path may be too long for the sockets that tests create in TMPDIR.
  TemporaryDirectory m_places;
  std::unique_ptr<process::RunCgroup> m_cgroup;  // may be empty
};

}  // namespace spyre::execute
