// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/core/result.hpp"
#include "agent/job/run_history.hpp"
#include "agent/job/watcher.hpp"

namespace spyre::job {

// Fill in what follows from `result.record` and `result.run_dir`, write summary.json and report.html, and tell the
// watcher. Error: io.
Result<void> write_documents(JobResult& result, RunHistory& earlier, Watcher& watcher);

// The same at the end of a run, which is then added to the history. Of an interrupted run only what takes no time is
// made. A history that cannot be written costs a warning: the run has its result all the same. Error: infra.
Result<void> finish(JobResult& result, RunHistory& earlier, Watcher& watcher);

// Return the error as one of a run that has begun: a full disk is not the user's mistake then, results are missing.
Error as_infra_error(Error error);

}  // namespace spyre::job
