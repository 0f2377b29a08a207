// SPDX-License-Identifier: Apache-2.0
// Writes events to the journal, counts them, and notifies the observer: in this order. The JUnit documents of a test
// file are written when its last case has a result, so that little is left to do at the end, whenever that comes.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"
#include "agent/execute/action.hpp"
#include "agent/execute/observer.hpp"
#include "agent/execute/warning_limiter.hpp"
#include "agent/junit/directory.hpp"
#include "agent/plan/plan.hpp"
#include "agent/results/journal.hpp"
#include "agent/results/record.hpp"

namespace spyre::execute {

struct RunHeader {
  std::string run_id, revision, stage;
  std::size_t tests = 0;
  std::map<std::string, std::vector<std::string>> tags = {};  // by test
  std::string card_kind = {};
  std::string stack_key = {};  // as results::stack_key returns it
};

class Recorder {
 public:
  // `clock` and `observer` outlive the recorder. `batches` are those of the run, each with its estimate.
  Recorder(results::Journal journal, junit::Directory junit, std::vector<plan::Batch> batches, const Clock& clock,
           Observer& observer);

  // Every call writes one event before it notifies the observer. Error: io.
  Result<void> begin(const RunHeader& header);
  // Continue after `before`, all events of the run until now. `stack_key` is that of the rest.
  Result<void> resume(results::RecordBuilder before, const std::string& stack_key);
  Result<void> write(const note::BatchStarted& note);
  Result<void> write(const note::BatchCollected& note);
  Result<void> write(const note::BatchNotRun& note);
  Result<void> write(const note::CaseStarted& note);
  Result<void> write(const note::CaseFinished& note);
  Result<void> write(const note::BatchFinished& note);
  Result<void> write(const note::CardCordoned& note);
  Result<void> write(const note::Warning& note);
  Result<void> write(const note::Infra& note);
  // Write the last event and the missing JUnit documents. The journal is on the disk afterwards. Return the record
  // without reading the journal again; nothing may be written any more.
  Result<results::RunRecord> end(int interrupted_by);

  // Call it about once a second.
  void tick();
  Progress progress() const;

 private:
  struct BatchState {
    plan::Batch batch;
    std::size_t cases = 0, finished = 0;
    bool done = false;
    double work_done = 0;  // part of its estimate, in seconds
  };
  struct TestFile {
    std::vector<std::string> batches;
    std::size_t written = 0;  // cases in its JUnit documents as they are now
  };
  Result<void> append(results::Event::What what);
  Result<void> append_warning(const std::string& message);
  double seconds() const;
  void count(const std::string& id, results::Outcome outcome, BatchState& batch);
  void update_work(BatchState& batch);
  void reopen(BatchState& batch);
  Result<void> write_if_settled(TestFile& file, const std::string& name);
  BatchState& batch_of(const std::string& id) { return m_batches.at(m_numbers.at(id)); }

  results::Journal m_journal;
  junit::Directory m_junit;
  results::RecordBuilder m_record;
  std::vector<BatchState> m_batches;
  std::unordered_map<std::string, std::size_t> m_numbers;  // batch id → index
  std::map<std::string, TestFile, std::less<>> m_files;
  std::unordered_map<std::string, results::Outcome> m_outcomes;  // case id → last outcome
  const Clock& m_clock;
  Observer& m_observer;
  SteadyTime m_began;
  double m_before_s = 0;                                       // duration of the run before it was resumed
  double m_work = 0, m_work_done = 0, m_work_done_before = 0;  // in seconds of the plan's estimates
  Progress m_progress;
  WarningLimiter m_warnings;
};

}  // namespace spyre::execute
