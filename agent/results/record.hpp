// SPDX-License-Identifier: Apache-2.0
// The journal and what is derived from it. Whatever happens in a run is appended to journal.jsonl before it is acted
// upon; the record is the journal folded into one value, and summary, JUnit files and reports are made from the record.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/clock.hpp"
#include "agent/core/files.hpp"
#include "agent/core/result.hpp"
#include "agent/results/outcome.hpp"

namespace spyre::results {

struct BatchRecord {
  std::string id, file;
  int card = -1;
  bool collected = false;
  double import_s = 0;  // import and collection
  double started_s = 0, ended_s = 0;  // since the start of the run
};

struct RunRecord {
  std::string run_id, revision, stage, started;  // started: RFC 3339
  std::size_t tests = 0;       // selected tests
  double wall_s = 0;
  bool finished = false;       // the run came to its end by itself
  int interrupted_by = 0;      // a signal's number
  std::vector<std::string> infra;         // what kept tests from being run: these make the exit code 3
  std::vector<std::string> warnings;
  std::vector<std::string> not_instantiated;  // selected tests that produced no case
  std::vector<BatchRecord> batches;
  std::vector<CaseResult> cases;          // in the order they were first known

  std::map<std::string, std::size_t> totals() const;  // outcome name → count, with "tests", "collected", "flaky", "generated"
  int exit_code() const;       // design: 130/143 interrupted, 3 infra or any not_run, 1 failures, 0
};

// Events, one JSON object a line, each with "t" (seconds since the run's start) and "event":
//   run_started     {schema, run_id, revision, stage, started, tests, batches: [{id, file}]}
//   run_resumed     {started}
//   batch_started   {batch, card}
//   batch_collected {batch, import_s, cases: [{id, unit, generated?}], not_instantiated: [unit]}
//   case_started    {batch, id}
//   case_finished   {batch, id, unit?, outcome, duration_s, message?, details?, output?, card}   one a attempt
//   batch_finished  {batch}
//   warning         {message}
//   infra           {message}
//   run_finished    {interrupted_by?}
class Journal {
 public:
  // Opens RUN_DIR/journal.jsonl for appending. Error: io.
  static Result<Journal> open(const std::filesystem::path& run_dir);
  // Error: io.
  Result<void> append(const nlohmann::json& event);
  Result<void> sync();

 private:
  explicit Journal(LineLog log) : m_log(std::move(log)) {}
  LineLog m_log;
};

// Folds one event into the record; unknown events and fields are ignored, so that older programs can read newer journals.
// Error: invalid when an event has fields of the wrong type or names a batch or case that does not exist.
Result<void> fold(RunRecord& record, const nlohmann::json& event);
// Reads RUN_DIR/journal.jsonl. A torn last line is left out. Error: not_found, io, invalid ("journal.jsonl:17: …").
Result<RunRecord> read_record(const std::filesystem::path& run_dir);

// The summary document, "spyre-ci/summary@1".
nlohmann::json summary(const RunRecord& record);

}  // namespace spyre::results
