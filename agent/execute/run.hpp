// SPDX-License-Identifier: Apache-2.0
// Runs a plan: starts workers, assigns batches to them, and journals all events.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/cards/card.hpp"
#include "agent/cards/pool.hpp"
#include "agent/cards/topology.hpp"
#include "agent/core/clock.hpp"
#include "agent/core/config.hpp"
#include "agent/core/file_tree.hpp"
#include "agent/core/result.hpp"
#include "agent/execute/message.hpp"
#include "agent/execute/observer.hpp"
#include "agent/execute/serial_rules.hpp"
#include "agent/plan/plan.hpp"
#include "agent/results/record.hpp"

namespace spyre::execute {

struct RunOptions {
  Config::Execute execute;
  Config::Python python;
  std::filesystem::path source;    // the checkout, with test/ and torch/ in it
  std::filesystem::path run_dir;   // created if missing
  std::vector<cards::Card> cards;  // at least one
  cards::Topology topology;        // which of them are close to each other
  cards::PoolSettings card_settings;
  // Returns whether no process holds a card any more. Empty: always true.
  std::function<bool(const cards::Card&)> is_released;
  std::string run_id;  // not empty; names the run in the journal and marks its processes. A run
                       // that is resumed keeps its own
  std::map<std::string, std::string> environment;  // the agent's own: execute.environment.pass picks from it
  // Returns the further variables of a worker on these cards, SPYRE_DEVICES and the like. Empty: none.
  std::function<std::map<std::string, std::string>(const std::vector<cards::Card>& gang)> card_environment;
  // Returns the further variables of the host of one test file, with ${NAME} of the worker's own variables. Empty:
  // none.
  std::function<std::map<std::string, std::string>(const std::string& file)> file_environment;
  // As WorkerRules says.
  std::function<command::Inject(const std::string& file)> inject;
  std::vector<int> keep_capabilities;  // of workers, as in process::ProcessOptions
  // Called about once a second to keep the leases on the cards; when it fails, the run ends. Empty: no leases.
  std::function<Result<void>()> keep_cards;
  // Called as often to check that run_dir is still in place; when it fails, the run ends with that error. Empty: no
  // check.
  std::function<Result<void>()> check_run_dir;
  std::string stack_key;              // as results::stack_key returns it; for the journal
  std::vector<std::string> warnings;  // for the journal: warnings from before the run
  // Returns the time limit of a case. Empty: execute.case_timeout for each.
  std::function<Seconds(const std::string& id)> case_limit;
  SerialRules serial;
  bool junit_tags = false;   // JUnit documents contain the tags of tests, too
  std::optional<int> shard;  // run only this shard of the plan
  bool resume = false;       // continue what run_dir holds, from the start when that is nothing; otherwise it must not
                             // hold a run yet
};

// Run a plan within its budget, and return when all of it is accounted for: every case has an outcome in
// RUN_DIR/journal.jsonl and a place in RUN_DIR/junit, and no process that was started is left. SIGTERM, SIGINT and
// SIGHUP end it early, within four seconds, and are in the record; the remaining cases are `not_run` there, with the
// reason. Failing tests, crashes and dead workers are in the record and are not errors. One run in a process at a time.
// `tree` has the files of `source`, which determine the test of each case. The caller has locked run_dir.
// Error: usage (run_dir holds a run already, no such shard), config (no such Python), io (the journal cannot be
// written; it has all events until then), that of check_run_dir.
Result<results::RunRecord> run_plan(const plan::Plan& plan, const RunOptions& options, const FileTree& tree,
                                    const Clock& clock, Observer& observer);

}  // namespace spyre::execute
