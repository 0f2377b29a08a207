// SPDX-License-Identifier: Apache-2.0
// The record: the journal folded into one value. Summary, JUnit files, reports and history are made from it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"
#include "agent/results/event.hpp"
#include "agent/results/journal.hpp"
#include "agent/results/outcome.hpp"
#include "agent/results/request.hpp"

namespace spyre::results {

struct BatchRecord {
  std::string id, file;
  std::vector<std::string> units;  // what of the selection it was to run
  std::vector<int> cards;          // that it runs on; empty until it is started
  bool started = false;
  bool collected = false;
  bool finished = false;
  std::size_t cases = 0;  // known by now
  std::vector<event::InjectedClass> injected;
  double import_s = 0;                // import and collection
  double started_s = 0, ended_s = 0;  // since the start of the run
  Cause not_run_cause;                // why it could not be run; none: not_run_reason says it, or it is not known
  std::string not_run_reason;

  bool is_dropped() const { return not_run_cause.kind != Cause::Kind::none || !not_run_reason.empty(); }
};

// A card that was taken out of the run for a while.
struct CordonRecord {
  int card = 0;
  double from_s = 0;  // since the start of the run
  double length_s = 0;
};

struct RunRecord {
  std::string run_id, revision, stage, started;  // started: RFC 3339
  std::string card_kind;                         // "cpu", "spyre"
  std::string stack_key;  // as results::stack_key makes it; empty: unknown, or several in one run
  std::size_t tests = 0;  // selected tests
  double wall_s = 0;
  bool finished = false;           // the run came to its end by itself
  int interrupted_by = 0;          // a signal's number
  std::vector<std::string> infra;  // what kept tests from being run: these make the exit code 3
  std::vector<std::string> warnings;
  std::vector<std::string> not_instantiated;             // selected tests that produced no case, sorted
  std::map<std::string, std::vector<std::string>> tags;  // of tests, by their id, as configurations say
  std::vector<BatchRecord> batches;
  std::vector<CordonRecord> cordons;
  std::vector<CaseResult> cases;  // in the order they were first known

  // Outcome name → count, and "tests", "collected", "flaky" and "generated". "collected" is the sum of the outcomes.
  std::map<std::string, std::size_t> totals() const;
  // Cases that were not run because the budget was over.
  std::size_t over_budget() const;
  // 128 + signal when interrupted; 3 when something kept tests from being run, or a case was not run for another reason
  // than the budget; 1 when some failed or are over the budget; 4 when there was not one case; else 0.
  int exit_code() const;
};

// The cases of each test file; they live as long as the record.
std::map<std::string_view, std::vector<const CaseResult*>> cases_by_file(const RunRecord& record);

// Folds events into a record, each in constant time.
class RecordBuilder {
 public:
  // Unknown events are ignored. A case that case_finished names first is added: no result is ever lost. An attempt
  // replaces a not_run before it, and a not_run after an attempt is dropped: it says nothing about the test.
  // Error: invalid, when a batch is unknown, or the run has not been started or is started a second time.
  Result<void> fold(Event event);

  // What is known by now, for live displays: cases that wait have no attempts.
  const RunRecord& so_far() const { return m_record; }
  // The cases of these batches that are known by now; valid until the next event.
  std::vector<const CaseResult*> cases_of(const std::vector<std::string>& batches) const;

  // The record in which everything selected is accounted for: a case that waits is not_run, and so is each unit of a
  // batch that came to no case (as one case with the unit's id), always with a reason.
  RunRecord close() &&;
  RunRecord close() const& { return RecordBuilder(*this).close(); }

 private:
  Result<void> see(event::CaseStarted&& started, double t);
  Result<void> see(event::CaseFinished&& finished, double t);
  Result<void> see(event::BatchStarted&& started, double t);
  Result<void> see(event::BatchCollected&& collected, double t);
  Result<void> see(event::BatchNotRun&& not_run, double t);
  Result<void> see(event::BatchFinished&& finished, double t);
  Result<void> see(event::RunStarted&& started, double t);
  Result<void> see(event::RunResumed&& resumed, double t);
  Result<void> see(event::RunFinished&& finished, double t);
  Result<void> see(event::CardCordoned&& cordoned, double t);
  Result<void> see(event::Warning&& warning, double t);
  Result<void> see(event::Infra&& infra, double t);
  Result<void> see(event::Unknown&& unknown, double t);
  Result<BatchRecord*> batch_of(const std::string& id);
  CaseResult& known_case(const std::string& id, const std::string& unit, BatchRecord& batch);

  RunRecord m_record;
  bool m_started = false;
  std::unordered_map<std::string, std::size_t> m_batches;  // id → index
  std::vector<std::vector<std::size_t>> m_batch_cases;     // of each batch: indexes of cases
  std::unordered_map<std::string, std::size_t> m_cases;    // id → index
  std::unordered_map<std::string, std::string> m_running;  // batch → case
  std::unordered_set<std::string> m_file_cases;            // batches whose file is a case of its own
};

// Whether RUN_DIR/journal.jsonl has its first line: an agent may be killed before it has written it.
bool is_begun(const std::filesystem::path& run_dir);

// Calls `use` for each event of RUN_DIR/journal.jsonl, until that fails. A torn last line is left out.
// Error: not_found, io, invalid (also a journal of another format version), or that of `use`, with the place
// ("RUN_DIR/journal.jsonl:17: …").
Result<void> read_events(const std::filesystem::path& run_dir, const std::function<Result<void>(Event)>& use);

struct Damage {
  std::vector<std::size_t> lines;  // numbers of those that were left out
  std::size_t cases = 0;           // of what was collected, without a result
};
// Leaves lines out of RUN_DIR/journal.jsonl that are no events, or none that can follow those before them; the journal
// with them is kept as journal.damaged.jsonl. Error: not_found, io, invalid (the first line is damaged).
Result<Damage> drop_damaged_lines(const std::filesystem::path& run_dir);

// Reads RUN_DIR/journal.jsonl and closes the record. Error: as read_events.
Result<RunRecord> read_record(const std::filesystem::path& run_dir);

// The summary document, "spyre-ci/summary@1". The same record gives the same bytes. The request, when it is known,
// makes the commands that run a failure again complete.
nlohmann::json summary(const RunRecord& record, const RunRequest* request = nullptr);

}  // namespace spyre::results
