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

// A recorded result. `record.exit_code()` is the code that is true to it.
struct JobResult {
  results::RunRecord record;
  std::filesystem::path run_dir;                 // as messages name it
  std::vector<std::string> documents;            // that people look into, relative to run_dir
  std::string rerun;                             // the command that runs the failed tests again; empty: none failed
  std::optional<report::Comparison> comparison;  // with the run of the same stage before, if the history has one
};

// Shows people what a job does. It changes nothing.
class Watcher {
 public:
  virtual ~Watcher() = default;
  // Called before the first test of `plan` is started. The observer lives as long as the tests run; null: none.
  virtual std::unique_ptr<execute::Observer> follow(const plan::Plan& plan, const Clock& clock) = 0;
  // Called as soon as summary.json is written. An interrupted program may be killed soon after that.
  virtual void finished(const JobResult& result) = 0;
};

}  // namespace spyre::job
