// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/core/result.hpp"
#include "agent/job/run_history.hpp"
#include "agent/job/watcher.hpp"

namespace spyre::job {

// Fill in the members that depend on `result.record` and `result.run_dir`, write summary.json and report.html, and
// notify the watcher. Error: io.
Result<void> write_documents(JobResult& result, RunHistory& earlier, Watcher& watcher);

// Write the documents at the end of a run, and add the run to the history. For an interrupted run, only quick documents
// are written. An unwritable history costs a warning, because the run itself has a result. Error: infra.
Result<void> finish(JobResult& result, RunHistory& earlier, Watcher& watcher);

// Return the error as one of a run that has begun: results are missing, and a full disk is then not a usage error.
Error as_infra_error(Error error);

}  // namespace spyre::job
