// SPDX-License-Identifier: Apache-2.0
// A whole run in the fake world: plan, dispatcher, recorder and journal are real.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/core/files.hpp"
#include "agent/execute/dispatcher.hpp"
#include "agent/execute/event_loop.hpp"
#include "agent/execute/recorder.hpp"
#include "agent/execute/resume.hpp"
#include "tests/unit/execute/fake_world.hpp"

namespace spyre::execute::fake {

// Thrown by a chaos test: kill -9 of the agent.
struct AgentDied {};

struct RunBench {
  Files files;
  plan::Plan plan;
  int cards = 1;
  Config::Execute execute;
  RunKnowledge knowledge;
  ManualClock clock;
  std::function<void(World&)> prepare;
  Observer observer;
  std::function<Result<void>()> keep_cards;
  std::map<std::string, testsel::Expectation> expectations;  // by case

  // Observations of the world after the run.
  std::map<std::string, int> starts, opens;
  std::vector<int> signals;
  int started_workers = 0;
  std::set<std::pair<std::string, std::string>> overlaps, repeated_overlaps;

  RunBench() {
    execute.case_timeout = Seconds{60};
    execute.stall_timeout = Seconds{300};
    execute.grace = Seconds{5};
    execute.slice = 3;
  }

  // One batch with all units of the file, dealt to shards in turn.
  void add_file(const std::string& path, File file, int gang = 1) {
    files[path] = std::move(file);
    add_batch(path, 0, 1, gang);
  }
  void add_batch(const std::string& path, int piece, int pieces, int gang = 1) {
    plan::Batch batch;
    batch.id = "b" + std::to_string(plan.batches.size());
    batch.file = path;
    batch.units = {path + "::unit"};
    batch.estimate_s = static_cast<double>(files[path].cases.size());
    batch.cards = gang;
    batch.piece = piece;
    batch.pieces = pieces;
    plan.batches.push_back(batch);
  }

  results::RunRecord run() {
    auto directory = TemporaryDirectory::create("spyre-ci-bench-");
    if (!directory) throw std::runtime_error(directory.error().message);
    auto record = run_in(directory->path());
    if (!record) throw std::runtime_error(record.error().message);
    return *record;
  }

  // Start a run in a directory, or continue the run in it.
  Result<results::RunRecord> run_in(const std::filesystem::path& directory) {
    plan.shards.assign(static_cast<std::size_t>(cards), {});
    for (std::size_t i = 0; i < plan.batches.size(); ++i) {
      plan.shards[i % plan.shards.size()].batches.push_back(plan.batches[i].id);
    }
    WorkerRules rules;
    rules.execute = execute;
    rules.root = "/src";
    rules.cwd = "/src/test";
    rules.budget = Seconds{plan.budget_s};
    // Cases are dealt to pieces by their position, so that tests are easy to read.
    rules.choose = [&](const plan::Batch& batch,
                       const std::vector<std::string>& collected) -> Result<std::vector<ChosenCase>> {
      std::vector<ChosenCase> chosen;
      for (int i = 0; i < static_cast<int>(collected.size()); ++i) {
        if (i % batch.pieces == batch.piece) {
          const std::string& id = collected[static_cast<std::size_t>(i)];
          const auto known = expectations.find(id);
          chosen.push_back({i, id, std::string(batch.units.at(0)), false,
                            known == expectations.end() ? testsel::Expectation() : known->second});
        }
      }
      return chosen;
    };
    std::vector<std::size_t> wanted;
    for (std::size_t i = 0; i < plan.batches.size(); ++i) wanted.push_back(i);
    Remainder rest;
    rest.batches = wanted;
    rest.knowledge = knowledge;
    const bool resumes = std::filesystem::exists(directory / "journal.jsonl");
    if (resumes) {
      TRY(rest, read_remainder(directory, plan, wanted));
      rest.knowledge.retry_share = knowledge.retry_share;
    }
    rest.knowledge.retries = execute.retries;
    plan::Queue queue(plan.batches, rest.batches);
    spyre::cards::CardPool pool(std::vector<spyre::cards::Card>(static_cast<std::size_t>(cards)), {}, clock,
                                [](const spyre::cards::Card&) { return true; });
    Dispatcher dispatcher(plan, pool, queue, rules, rest.knowledge);
    World world(clock, files);
    if (prepare) prepare(world);
    TRY(results::Journal journal, results::Journal::open(directory));
    TRY(junit::Directory junit, junit::Directory::open(directory, false));
    Recorder recorder(std::move(journal), std::move(junit), plan.batches, clock, observer);
    if (resumes) {
      CHECK_OK(recorder.resume(std::move(rest.journal), {}));
      for (const note::CaseFinished& killer : rest.killers) CHECK_OK(recorder.write(killer));
    } else {
      CHECK_OK(recorder.begin({"run-1", "", "1", plan.batches.size()}));
    }
    try {
      CHECK_OK(run_event_loop(dispatcher, world, recorder, clock, keep_cards));
      if (!world.living().empty()) throw std::logic_error("a worker is left");
      CHECK_OK(recorder.end(dispatcher.interrupted_by()));
    } catch (const AgentDied&) {
      // Only the journal is left of it.
    }
    starts = world.starts;
    opens = world.opens;
    signals = world.signals;
    started_workers = world.started_workers;
    overlaps = world.overlaps;
    repeated_overlaps = world.repeated_overlaps;
    return results::read_record(directory);
  }
};

// Return "name" → outcomes of its attempts, "failed,passed".
inline std::map<std::string, std::string> outcomes(const results::RunRecord& record) {
  std::map<std::string, std::string> result;
  for (const results::CaseResult& each : record.cases) {
    const std::size_t name = each.id.find("::");
    std::string& text = result[name == std::string::npos ? each.id : each.id.substr(name + 2)];
    for (const results::Attempt& attempt : each.attempts) {
      if (!text.empty()) text += ",";
      text += results::name(attempt.outcome);
    }
  }
  return result;
}

inline const results::CaseResult& find_case(const results::RunRecord& record, const std::string& id) {
  const auto found =
      std::find_if(record.cases.begin(), record.cases.end(), [&](const auto& each) { return each.id == id; });
  if (found == record.cases.end()) throw std::runtime_error("no case " + id);
  return *found;
}

}  // namespace spyre::execute::fake
