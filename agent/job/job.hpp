// SPDX-License-Identifier: Apache-2.0
// A request in, a recorded result out: source, selection, plan, cards, execution, documents, history, relay. Nothing
// here changes the process: what does (the current directory, the environment) is the caller's. One job a process at a
// time, as execute::run_plan says.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "agent/core/result.hpp"
#include "agent/job/request.hpp"
#include "agent/job/setup.hpp"
#include "agent/job/watcher.hpp"
#include "agent/results/request.hpp"
#include "agent/results/run_directory.hpp"

namespace spyre::job {

// Carry a new job out. Its run directory is locked first; when the job fails before its run begins, what it wrote is
// removed again. Failing tests are no errors: the record tells.
// Error: usage, config, infra, nothing_selected; those of source, cards, planning and execution.
Result<JobResult> run(const JobRequest& request, const Setup& setup, Watcher& watcher);

// A run that was interrupted and is about to be finished. Its directory is locked while this lives.
class Resumption {
 public:
  // Error: as results::RunDirectory::open and results::read_request.
  static Result<Resumption> open(const std::filesystem::path& run_dir);

  const results::RunRequest& request() const { return m_request; }
  // Return the settings of the run, with those that are given now in place of the run's own. A secret was not written
  // down and has to be given again.
  std::vector<std::string> settings(const std::vector<std::string>& given) const;
  // Finish the run. `setup` is that of the run, with settings() and its directory. Error: as run().
  Result<JobResult> finish(const ResumeRequest& asked, const Setup& setup, Watcher& watcher) const;

 private:
  Resumption(results::RunDirectory directory, results::RunRequest request)
      : m_directory(std::move(directory)), m_request(std::move(request)) {}

  results::RunDirectory m_directory;
  results::RunRequest m_request;
};

// Make summary, JUnit files and HTML of a run again from its journal, also of a run that was killed.
// Error: as results::read_record; io.
Result<JobResult> report(const std::filesystem::path& run_dir, const Setup& setup, Watcher& watcher);

}  // namespace spyre::job
