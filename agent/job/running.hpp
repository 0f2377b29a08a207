// SPDX-License-Identifier: Apache-2.0
// What `run`, `exec` and `resume` share: carrying a plan out on cards, and everything that is made of the result.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/cards/card.hpp"
#include "agent/cli/command.hpp"
#include "agent/core/file_tree.hpp"
#include "agent/core/result.hpp"
#include "agent/execute/observer.hpp"
#include "agent/execute/python.hpp"
#include "agent/job/setup.hpp"
#include "agent/job/source.hpp"
#include "agent/job/watcher.hpp"
#include "agent/plan/plan.hpp"
#include "agent/results/record.hpp"
#include "agent/results/request.hpp"
#include "agent/results/run_directory.hpp"

namespace spyre::job {

struct Execution {
  std::filesystem::path source;  // folder with the revision's files
  std::filesystem::path run_dir;
  std::string run_id;
  std::vector<cards::Card> cards;
  std::function<Result<void>()> keep_cards;     // as execute::RunOptions says
  std::function<Result<void>()> check_run_dir;  // likewise
  std::vector<std::string> oot_configs;         // files or folders
  results::Stack stack;
  bool strict_stack = false;          // as results::RunRequest says
  std::vector<std::string> warnings;  // for the journal
  std::optional<int> shard;           // only this one
  bool resume = false;
  execute::Observer* observer = nullptr;  // told besides the watcher; may be nobody
};

// Readable, in order of time, and not the same twice: "20261122-035500-1a2b3c4d".
std::string new_run_id();
// The folder that was asked for, or spyre-ci-runs/<id>. Error: as RunDirectory::create.
Result<results::RunDirectory> new_run_dir(const std::string& asked, const std::string& run_id);
// What was asked, as far as all commands that run something have it in common.
results::RunRequest new_request(const SourceRequest& source, const std::string& revision, const Execution& execution,
                                const Setup& setup);

// The configured Python, which can run tests. Error: config, infra.
Result<execute::PythonVersions> check_python(const Config& config);

// Runs the plan. Error: those of execute::run_plan.
Result<results::RunRecord> execute_plan(const plan::Plan& plan, const Execution& execution, const Setup& setup,
                                        Watcher& watcher);

// Writes summary.json and report.html, and tells the watcher. The value is the exit code
// that is true to the record. Error: io.
Result<int> report_result(const results::RunRecord& record, const std::filesystem::path& run_dir, const Setup& setup,
                          Watcher& watcher);

// Reports, history and the summary of a run that came to its end; of one that was interrupted only what takes no time.
// The value is the exit code.
// Error: io. A history that cannot be written costs a warning: the run has its result all the same.
Result<int> finish_run(const results::RunRecord& record, const Execution& execution, const Setup& setup,
                       Watcher& watcher);

}  // namespace spyre::job
