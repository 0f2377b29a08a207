// SPDX-License-Identifier: Apache-2.0
// Executes a job, from a request to a recorded result: source, selection, plan, cards, execution, documents, history,
// relay. This room does not change the process; the caller sets the current directory and the environment. One job per
// process at a time, as for execute::run_plan.
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

// Run a new job. Its run directory is locked first. When the job fails before its run begins, its files are removed.
// Failing tests are not errors: they are in the record. Error: usage, config, infra, nothing_selected; those of source,
// cards, planning and execution.
Result<JobResult> run(const JobRequest& request, const Setup& setup, Watcher& watcher);

// An interrupted run to finish. Its directory is locked as long as this object exists.
class Resumption {
 public:
  // Open the run. Error: as results::RunDirectory::open and results::read_request.
  static Result<Resumption> open(const std::filesystem::path& run_dir);

  const results::RunRequest& request() const { return m_request; }
  // Return the settings of the run, overridden by the given ones. Secrets are not stored, and must be given again.
  std::vector<std::string> settings(const std::vector<std::string>& given) const;
  // Finish the run. `setup`: that of the run, with settings() and its directory. Error: as run().
  Result<JobResult> finish(const ResumeRequest& asked, const Setup& setup, Watcher& watcher) const;

 private:
  Resumption(results::RunDirectory directory, results::RunRequest request)
      : m_directory(std::move(directory)), m_request(std::move(request)) {}

  results::RunDirectory m_directory;
  results::RunRequest m_request;
};

// Write summary, JUnit files and HTML of a run again from its journal, also for a run that was killed. Error: as
// results::read_record; io.
Result<JobResult> report(const std::filesystem::path& run_dir, const Setup& setup, Watcher& watcher);

}  // namespace spyre::job
