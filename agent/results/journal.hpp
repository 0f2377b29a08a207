// SPDX-License-Identifier: Apache-2.0
// The journal is the truth: whatever happens in a run is appended to RUN_DIR/journal.jsonl before it is acted upon.
// One JSON object a line, as schemas/journal.schema.json says. Units of a batch that is not collected need no event:
// the record counts each as one not_run case.
#pragma once

#include <filesystem>
#include <utility>

#include "agent/core/files.hpp"
#include "agent/core/result.hpp"
#include "agent/results/event.hpp"

namespace spyre::results {

class Journal {
 public:
  // Opens RUN_DIR/journal.jsonl for appending; makes the directory when it is missing. Error: io.
  static Result<Journal> open(const std::filesystem::path& run_dir);
  // One line, in one write. Error: io.
  Result<void> append(const Event& event);
  // Waits until everything is on the disk. Error: io.
  Result<void> sync();

 private:
  explicit Journal(LineLog log) : m_log(std::move(log)) {}
  LineLog m_log;
};

}  // namespace spyre::results
