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
  std::vector<std::string> units;  // the selected units that it runs
  std::vector<int> cards;          // the cards that it runs on; empty until it is started
  bool started = false;
  bool collected = false;
  bool finished = false;
  std::size_t cases = 0;  // known so far
  std::vector<event::InjectedClass> injected;
  double import_s = 0;                // import and collection
  double started_s = 0, ended_s = 0;  // since the start of the run
  Cause not_run_cause;  // why it could not be run; none: not_run_reason gives the reason, or it is unknown
  std::string not_run_reason;

  bool is_dropped() const { return not_run_cause.kind != Cause::Kind::none || !not_run_reason.empty(); }
};

// A card that was cordoned for a while.
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
  bool finished = false;           // the run ended by itself
  int interrupted_by = 0;          // a signal's number
  std::vector<std::string> infra;  // infrastructure failures that prevented tests: exit code 3
  std::vector<std::string> warnings;
  std::vector<std::string> not_instantiated;             // selected tests that produced no case, sorted
  std::map<std::string, std::vector<std::string>> tags;  // of tests, by their id, from the configurations
  std::vector<BatchRecord> batches;
  std::vector<CordonRecord> cordons;
  std::vector<CaseResult> cases;  // in the order in which they became known

  // Return outcome name → count, and the counts "tests", "collected", "flaky" and "generated". "collected" is the sum
  // of the outcomes.
  std::map<std::string, std::size_t> totals() const;
  // Return the number of cases that were not run because the budget expired.
  std::size_t over_budget() const;
  // Return the exit code: 128 + signal when interrupted; 3 when an infrastructure failure prevented tests from running,
  // or a case was not run for a reason other than the budget; 1 when cases failed or are over the budget; 4 when there
  // are no cases; else 0.
  int exit_code() const;
};

// Return the cases of each test file. The pointers are valid as long as the record.
std::map<std::string_view, std::vector<const CaseResult*>> cases_by_file(const RunRecord& record);

// Folds events into a record, each in constant time.
class RecordBuilder {
 public:
  // Fold one event into the record. Unknown events are ignored. A case that first appears in case_finished is added, so
  // that no result is lost. An attempt replaces an earlier not_run. A not_run after an attempt is dropped, because it
  // does not say anything about the test. Error: invalid (the batch is unknown, the run is not started yet, or it is
  // started a second time).
  Result<void> fold(Event event);

  // Return the state so far, for live displays. Cases that wait have no attempts.
  const RunRecord& so_far() const { return m_record; }
  // Return the cases of these batches that are known so far; valid until the next event.
  std::vector<const CaseResult*> cases_of(const std::vector<std::string>& batches) const;

  // Return the complete record, which accounts for everything selected: a waiting case is not_run, and so is each unit
  // of a batch that produced no case (as one case with the unit's id). Each has a reason.
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
  std::unordered_set<std::string> m_file_cases;            // batches whose file is itself a case
};

// Return whether RUN_DIR/journal.jsonl has its first line. An agent may be killed before it is written.
bool is_begun(const std::filesystem::path& run_dir);

// Call `use` for each event of RUN_DIR/journal.jsonl, and stop at its first error. A torn last line is ignored. Error:
// not_found, io, invalid (also a journal of another format version), or the error of `use`, with the place
// ("RUN_DIR/journal.jsonl:17: …").
Result<void> read_events(const std::filesystem::path& run_dir, const std::function<Result<void>(Event)>& use);

struct Damage {
  std::vector<std::size_t> lines;  // line numbers of the removed lines
  std::size_t cases = 0;           // collected cases without a result
};
// Remove lines from RUN_DIR/journal.jsonl that are invalid events or cannot follow the lines before them. The original
// journal is kept as journal.damaged.jsonl. Error: not_found, io, invalid (the first line is damaged).
Result<Damage> drop_damaged_lines(const std::filesystem::path& run_dir);

// Read RUN_DIR/journal.jsonl and close the record. Error: as read_events.
Result<RunRecord> read_record(const std::filesystem::path& run_dir);

// Return the summary document, "spyre-ci/summary@1". The same record gives the same bytes. The request, when it is
// known, completes the commands that run a failure again.
nlohmann::json summary(const RunRecord& record, const RunRequest* request = nullptr);

}  // namespace spyre::results
