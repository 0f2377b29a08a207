// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/cards/card.hpp"
#include "agent/core/result.hpp"
#include "agent/execute/run.hpp"
#include "agent/job/run_history.hpp"
#include "agent/job/setup.hpp"

namespace spyre::job {

// The values required to execute a plan.
struct Execution {
  std::filesystem::path source;  // directory with the revision's files
  std::filesystem::path run_dir;
  std::string run_id;
  std::vector<cards::Card> cards;
  std::function<Result<void>()> keep_cards;     // as execute::RunOptions::keep_cards
  std::function<Result<void>()> check_run_dir;  // as execute::RunOptions::check_run_dir
  std::vector<std::string> oot_configs;         // files or directories
  std::vector<std::string> warnings;            // for the journal
  std::string stack_key;                        // for the journal
  std::optional<int> shard;                     // run only this shard
  bool resume = false;
};

// Return the options of execute::run_plan for this execution. Writes RUN_DIR/oot-config.yaml if it is missing. Error:
// config, not_found, io; those of reading the configurations.
Result<execute::RunOptions> run_options(const Execution& execution, const Setup& setup, RunHistory& earlier);

}  // namespace spyre::job
