// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/clock.hpp"
#include "agent/execute/observer.hpp"
#include "agent/plan/plan.hpp"
#include "agent/report/comparison.hpp"
#include "agent/results/record.hpp"

namespace spyre::job {

// A recorded result. `record.exit_code()` is the exit code.
struct JobResult {
  results::RunRecord record;
  std::filesystem::path run_dir;                 // as shown in messages
  std::vector<std::string> documents;            // documents for people, relative to run_dir
  std::string rerun;                             // the command that runs the failed tests again; empty: no failures
  std::optional<report::Comparison> comparison;  // with the previous run of the same stage, if the history has one
};

// Shows the progress of a job. It does not change anything.
class Watcher {
 public:
  virtual ~Watcher() = default;
  // Called before the first test of `plan` starts. The observer is kept as long as tests run; null: none.
  virtual std::unique_ptr<execute::Observer> follow(const plan::Plan& plan, const Clock& clock) = 0;
  // Called as soon as summary.json is written. Soon after that, an interrupted program may be killed.
  virtual void finished(const JobResult& result) = 0;
};

}  // namespace spyre::job
