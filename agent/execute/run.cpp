// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "agent/core/files.hpp"
#include "agent/execute/batch_queue.hpp"
#include "agent/execute/case_chooser.hpp"
#include "agent/execute/conductor.hpp"
#include "agent/execute/dispatcher.hpp"
#include "agent/execute/launcher.hpp"
#include "agent/execute/process_pool.hpp"
#include "agent/execute/python.hpp"
#include "agent/execute/recorder.hpp"

namespace spyre::execute {

namespace fs = std::filesystem;

namespace {

// The batches to run: all of the plan, or those of one shard. Error: usage.
Result<std::vector<std::size_t>> wanted_batches(const plan::Plan& plan, const std::optional<int>& shard) {
  std::vector<std::size_t> wanted;
  if (!shard) {
    for (std::size_t i = 0; i < plan.batches.size(); ++i) wanted.push_back(i);
    return wanted;
  }
  const auto found = std::find_if(plan.shards.begin(), plan.shards.end(),
                                  [&](const plan::Shard& each) { return each.index == *shard; });
  if (found == plan.shards.end()) {
    return fail(ErrorKind::usage, fmt::format("there is no shard {}", *shard),
                fmt::format("the plan has the shards 0 to {}", static_cast<int>(plan.shards.size()) - 1));
  }
  const std::set<std::string> ids(found->batches.begin(), found->batches.end());
  for (std::size_t i = 0; i < plan.batches.size(); ++i) {
    if (ids.contains(plan.batches[i].id)) wanted.push_back(i);
  }
  return wanted;
}

std::vector<plan::Batch> batches_of(const plan::Plan& plan, const std::vector<std::size_t>& numbers) {
  std::vector<plan::Batch> batches;
  for (const std::size_t number : numbers) batches.push_back(plan.batches[number]);
  return batches;
}

// A unit that is cut into pieces is one test.
std::size_t count_units(const std::vector<plan::Batch>& batches) {
  std::set<std::string_view> units;
  for (const plan::Batch& batch : batches) units.insert(batch.units.begin(), batch.units.end());
  return units.size();
}

WorkerRules make_rules(const RunOptions& options, CaseChooser& chooser) {
  WorkerRules rules;
  rules.execute = options.execute;
  rules.root = fs::absolute(options.source).lexically_normal().string();
  // Where PyTorch runs its tests; and not the root, whose folder torch/ would hide the installed one.
  rules.cwd = (fs::path(rules.root) / "test").string();
  rules.junit_folder = (fs::absolute(options.run_dir) / "junit-slices").string();
  rules.choose = [&chooser](const plan::Batch& batch, const std::vector<std::string>& collected) {
    return chooser.choose(batch, collected);
  };
  rules.case_limit = options.case_limit;
  return rules;
}

Result<void> check_run_dir(const RunOptions& options) {
  std::error_code error;
  const bool holds_run = fs::exists(options.run_dir / "journal.jsonl", error);
  if (holds_run && !options.resume) {
    return fail(ErrorKind::usage, fmt::format("{} holds a run already", options.run_dir.string()),
                "choose another --run-dir, or finish that run with `spyre-ci resume`");
  }
  if (!holds_run && options.resume) {
    return fail(ErrorKind::not_found, fmt::format("{} holds no run that could be resumed", options.run_dir.string()));
  }
  return {};
}

}  // namespace

Result<results::RunRecord> run_plan(const plan::Plan& plan, const RunOptions& options, const FileTree& tree,
                                    const Clock& clock, Observer& observer) {
  TRY(const std::vector<std::size_t> wanted, wanted_batches(plan, options.shard));
  TRY(const std::string python, find_python(options.python, options.environment));
  CHECK_OK(make_folders(options.run_dir));
  TRY(const FileLock lock, FileLock::try_take(options.run_dir / "lock"));
  CHECK_OK(check_run_dir(options));
  CHECK_OK(make_folders(options.run_dir / "junit-slices"));
  TRY(Launcher launcher, Launcher::create(options, python));
  TRY(Signals signals, Signals::take());

  RunKnowledge knowledge;
  knowledge.retries = options.execute.retries;
  CaseChooser chooser(tree);
  const WorkerRules rules = make_rules(options, chooser);
  SharedQueue queue(plan, wanted);
  Dispatcher dispatcher(plan, static_cast<int>(options.cards.size()), queue, rules, knowledge);

  TRY(results::Journal journal, results::Journal::open(options.run_dir));
  const std::vector<plan::Batch> batches = batches_of(plan, wanted);
  Recorder recorder(std::move(journal), batches, clock, observer);
  CHECK_OK(recorder.begin({options.run_id, plan.revision, plan.stage, count_units(batches)}));
  for (const std::string& name : launcher.withheld()) {
    CHECK_OK(recorder.write(note::Warning{fmt::format("{} is not passed to tests: its name says that it is a secret", name)}));
  }
  {
    ProcessPool pool({[&](WorkerId worker, const std::vector<int>& cards) { return launcher.launch(worker, cards); },
                      {}, options.execute.memory_limit},
                     clock, signals);
    CHECK_OK(conduct(dispatcher, pool, recorder, clock));
  }
  CHECK_OK(recorder.end(dispatcher.interrupted_by()));
  std::error_code ignored;
  fs::remove_all(options.run_dir / "junit-slices", ignored);
  return results::read_record(options.run_dir);
}

}  // namespace spyre::execute
