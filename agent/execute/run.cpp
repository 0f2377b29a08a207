// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/run.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "agent/core/files.hpp"
#include "agent/core/remove_tree.hpp"
#include "agent/execute/case_chooser.hpp"
#include "agent/execute/dispatcher.hpp"
#include "agent/execute/event_loop.hpp"
#include "agent/execute/launcher.hpp"
#include "agent/execute/process_log.hpp"
#include "agent/execute/process_pool.hpp"
#include "agent/execute/python.hpp"
#include "agent/execute/recorder.hpp"
#include "agent/execute/resume.hpp"
#include "agent/process/process_table.hpp"

namespace spyre::execute {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds leftovers_limit{20};

// Return the batches to run: all of the plan, or those of one shard. Error: usage.
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

// Error: usage.
Result<void> check_gangs(const plan::Plan& plan, const std::vector<std::size_t>& wanted, std::size_t cards) {
  for (const std::size_t number : wanted) {
    const plan::Batch& batch = plan.batches[number];
    if (static_cast<std::size_t>(batch.cards) <= cards) continue;
    return fail(ErrorKind::usage,
                fmt::format("{} of {} needs {} cards at once, and there {} {}", batch.id, batch.file, batch.cards,
                            cards == 1 ? "is" : "are", cards),
                "give more cards, or plan for those that are there");
  }
  return {};
}

std::map<std::string, std::vector<std::string>> tags_of(const plan::Plan& plan) {
  std::map<std::string, std::vector<std::string>> tags;
  for (const auto& [id, expectation] : plan.notes.tests) {
    if (!expectation.tags.empty()) tags.emplace(id, expectation.tags);
  }
  return tags;
}

// A unit that is cut into pieces is one test.
std::size_t count_units(const std::vector<plan::Batch>& batches) {
  std::set<std::string_view> units;
  for (const plan::Batch& batch : batches) units.insert(batch.units.begin(), batch.units.end());
  return units.size();
}

WorkerRules make_rules(const plan::Plan& plan, const RunOptions& options, const fs::path& scratch,
                       CaseChooser& chooser) {
  WorkerRules rules;
  rules.execute = options.execute;
  rules.root = fs::absolute(options.source).lexically_normal().string();
  // PyTorch runs its tests in this directory; the root does not work, because its directory torch/ would hide the
  // installed package.
  rules.cwd = (fs::path(rules.root) / "test").string();
  // Not in the run directory: pytest would create it again after its removal.
  rules.junit_directory = (scratch / "junit-slices").string();
  rules.choose = [&](const plan::Batch& batch, const std::vector<std::string>& collected) {
    auto chosen = chooser.choose(batch, collected);
    if (chosen)
      std::ranges::for_each(*chosen, [&](ChosenCase& one) { one.serial = options.serial.contains(one.unit); });
    return chosen;
  };
  rules.case_limit = options.case_limit;
  rules.budget = Seconds{plan.budget_s};
  rules.file_environment = options.file_environment;
  rules.inject = options.inject;
  // PyTorch's tests are written to be run by `python test_x.py`, and some inspect their own code.
  rules.plain_asserts = true;
  return rules;
}

// A run in a run directory that this process has locked.
class Run {
 public:
  Run(const plan::Plan& plan, const RunOptions& options, const FileTree& tree, const Clock& clock, Observer& observer)
      : m_plan(plan), m_options(options), m_tree(tree), m_clock(clock), m_observer(observer) {}

  Result<results::RunRecord> execute(const std::vector<std::size_t>& wanted, const std::string& python) {
    TRY(Remainder rest, begin(wanted));
    TRY(Signals signals, Signals::take());  // before anything exists that would have to be removed
    TRY(Launcher launcher, Launcher::create(m_options, python));
    TRY(Recorder recorder, open_recorder(wanted, rest));
    TRY(ProcessLog processes, ProcessLog::open(m_options.run_dir));
    processes.add_directory(launcher.directory());
    if (!launcher.cgroup().empty()) processes.add_cgroup(launcher.cgroup());
    for (const std::string& name : launcher.withheld()) {
      CHECK_OK(
          recorder.write(note::Warning{fmt::format("{} is not passed to tests: its name marks it as a secret", name)}));
    }

    for (const std::string& warning : m_options.warnings) CHECK_OK(recorder.write(note::Warning{warning}));

    rest.knowledge.retries = m_options.execute.retries;
    rest.knowledge.retry_share = m_options.execute.retry_share;
    CaseChooser chooser(m_plan, m_tree);
    const WorkerRules rules = make_rules(m_plan, m_options, launcher.directory(), chooser);
    plan::Queue queue(m_plan.batches, rest.batches, m_options.topology);
    cards::CardPool card_pool(m_options.cards, m_options.card_settings, m_clock, [&](const cards::Card& card) {
      return !m_options.is_released || m_options.is_released(card);
    });
    Dispatcher dispatcher(m_plan, card_pool, queue, rules, rest.knowledge);
    ProcessPool pool({[&](WorkerId worker, const std::vector<int>& cards) { return launcher.launch(worker, cards); },
                      [&](pid_t leader) { processes.add_leader(leader); }, m_options.execute.memory_limit,
                      m_options.execute.output_limit},
                     m_clock, signals);
    bool begun = false;
    const auto may_go_on = [&] {
      if (!std::exchange(begun, true)) {
        if (auto usable = process::check_process_table(); !usable) return usable;
      }
      return m_options.keep_cards ? m_options.keep_cards() : Result<void>();
    };
    CHECK_OK(run_event_loop(dispatcher, pool, recorder, m_clock, may_go_on, m_options.check_run_dir));
    if (m_options.check_run_dir) CHECK_OK(m_options.check_run_dir());
    TRY(results::RunRecord record, recorder.end(dispatcher.interrupted_by()));
    clean_up();
    return record;
  }

 private:
  // The work: everything, or the rest that another agent has left.
  Result<Remainder> begin(const std::vector<std::size_t>& wanted) {
    std::error_code error;
    const bool holds_run = fs::exists(m_options.run_dir / "journal.jsonl", error);
    if (holds_run && !m_options.resume) {
      return fail(ErrorKind::usage, fmt::format("{} holds a run already", m_options.run_dir.string()),
                  "choose another --run-dir, or finish that run with `spyre-ci resume`");
    }
    Remainder rest;
    rest.batches = wanted;
    if (!m_resume) return rest;
    TRY(rest, read_remainder(m_options.run_dir, m_plan, wanted));
    TRY(m_leftovers, end_leftovers(m_options.run_dir, rest.record.run_id, leftovers_limit));
    return rest;
  }

  Result<Recorder> open_recorder(const std::vector<std::size_t>& wanted, Remainder& rest) {
    std::vector<plan::Batch> batches;
    batches.reserve(wanted.size());
    for (const std::size_t number : wanted) batches.push_back(m_plan.batches[number]);
    const std::size_t tests = count_units(batches);
    TRY(results::Journal journal, results::Journal::open(m_options.run_dir));
    TRY(junit::Directory junit, junit::Directory::open(m_options.run_dir, m_options.junit_tags));
    Recorder recorder(std::move(journal), std::move(junit), std::move(batches), m_clock, m_observer);
    if (!m_resume) {
      CHECK_OK(recorder.begin({m_options.run_id, m_plan.revision, m_plan.stage, tests, tags_of(m_plan),
                               m_options.cards.front().kind, m_options.stack_key}));
      return recorder;
    }
    CHECK_OK(recorder.resume(std::move(rest.journal), m_options.stack_key));
    for (const note::CaseFinished& killer : rest.killers) CHECK_OK(recorder.write(killer));
    if (m_leftovers.ended > 0) {
      const std::string message = fmt::format("ended {} processes left by the previous agent", m_leftovers.ended);
      CHECK_OK(recorder.write(note::Warning{message}));
    }
    for (const pid_t pid : m_leftovers.seen) {
      CHECK_OK(recorder.write(note::Warning{
          fmt::format("process {} uses the directory of the previous agent and was perhaps left by one of its tests: "
                      "look at it, and end it if so",
                      pid)}));
    }
    return recorder;
  }

  void clean_up() const {
    remove_tree(m_options.run_dir / "junit-slices");
    std::error_code ignored;
    fs::remove(m_options.run_dir / "worker" / "processes.jsonl", ignored);
  }

  const plan::Plan& m_plan;
  const RunOptions& m_options;
  const FileTree& m_tree;
  const Clock& m_clock;
  Observer& m_observer;
  bool m_resume = m_options.resume && results::is_begun(m_options.run_dir);  // otherwise there is nothing to continue
  Leftovers m_leftovers;
};

}  // namespace

Result<results::RunRecord> run_plan(const plan::Plan& plan, const RunOptions& options, const FileTree& tree,
                                    const Clock& clock, Observer& observer) {
  TRY(const std::vector<std::size_t> wanted, wanted_batches(plan, options.shard));
  CHECK_OK(check_gangs(plan, wanted, options.cards.size()));
  TRY(const std::string python, find_python(options.python, options.environment));
  CHECK_OK(make_directories(options.run_dir / "logs"));
  return Run(plan, options, tree, clock, observer).execute(wanted, python);
}

}  // namespace spyre::execute
