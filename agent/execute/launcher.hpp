// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "agent/core/files.hpp"
#include "agent/core/result.hpp"
#include "agent/execute/environment.hpp"
#include "agent/execute/process_pool.hpp"
#include "agent/execute/run.hpp"

namespace spyre::execute {

// Says how the workers of a run are started: the Python, the worker's program, the environment, the places of its own.
class Launcher {
 public:
  // Writes the worker's program to RUN_DIR/worker/. `options` outlive it. Error: io.
  static Result<Launcher> create(const RunOptions& options, std::string python);
  // Makes a worker's folders. Error: io.
  Result<WorkerLaunch> launch(WorkerId worker, const std::vector<int>& cards) const;
  // The folder of all workers' places, which goes away with this object.
  const std::filesystem::path& folder() const { return m_places.path(); }
  // Names that the configuration passes to tests, but that hold secrets.
  std::vector<std::string> withheld() const;

 private:
  Launcher(const RunOptions& options, std::string python, std::filesystem::path program, TemporaryFolder places)
      : m_options(&options), m_python(std::move(python)), m_program(std::move(program)), m_places(std::move(places)) {}

  const RunOptions* m_options;
  std::string m_python;
  std::filesystem::path m_program;
  // Not in the run directory: its path may be too long for the sockets that tests make in TMPDIR.
  TemporaryFolder m_places;
};

}  // namespace spyre::execute
