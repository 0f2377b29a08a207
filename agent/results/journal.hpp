// SPDX-License-Identifier: Apache-2.0
// The journal is the truth: whatever happens in a run is appended to RUN_DIR/journal.jsonl before it is acted upon.
//
// Events are JSON objects, one a line, each with "event" and "t": seconds since the run's start, without the pause
// between an interruption and its resumption (a resumed run goes on from the record's wall_s).
//   run_started     {schema, run_id, revision, stage, started, tests, card_kind, batches: [{id, file, units: [unit]}]}
//                   always the first
//   run_resumed     {started}                     what was in the way before becomes a warning
//   batch_started   {batch, cards: [number]}
//   batch_collected {batch, import_s, cases: [{id, unit, generated?}]}
//   batch_not_run   {batch, cause?, reason?}      why no card will run it; without it the reason is guessed
//   case_started    {batch, id}
//   case_finished   {batch, id, unit?, outcome, duration_s?, message?, details?, output?, card?, cause?}   one an
//   attempt batch_finished  {batch} card_quarantined {card, length_s, message}    a warning, too warning {message}
//   infra           {message}
//   run_finished    {interrupted_by?}
// A cause is {kind: budget, run_limit or batch_limit, limit_s}.
// A file that cannot be imported is a case of its own, and the only one of its batch: case_finished with the file's
// path as the id. Units of a batch that is not collected need no event: the record counts each as one not_run case.
#pragma once

#include <filesystem>
#include <utility>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/files.hpp"
#include "agent/core/result.hpp"

namespace spyre::results {

class Journal {
 public:
  // Opens RUN_DIR/journal.jsonl for appending; makes the folder when it is missing. Error: io.
  static Result<Journal> open(const std::filesystem::path& run_dir);
  // One line, in one write. Error: io.
  Result<void> append(const nlohmann::json& event);
  // Waits until everything is on the disk. Error: io.
  Result<void> sync();

 private:
  explicit Journal(LineLog log) : m_log(std::move(log)) {}
  LineLog m_log;
};

}  // namespace spyre::results
