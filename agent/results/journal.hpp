// SPDX-License-Identifier: Apache-2.0
// The journal is the source of truth: everything that happens in a run is appended to RUN_DIR/journal.jsonl before it
// is acted upon. One JSON object per line, as described by schemas/journal.schema.json. Units of a batch that is not
// collected need no event: the record counts each of them as one not_run case.
#pragma once

#include <filesystem>
#include <utility>

#include "agent/core/files.hpp"
#include "agent/core/result.hpp"
#include "agent/results/event.hpp"

namespace spyre::results {

class Journal {
 public:
  // Open RUN_DIR/journal.jsonl for appending, and create the directory if it is missing. Error: io.
  static Result<Journal> open(const std::filesystem::path& run_dir);
  // Append one line in a single write. Error: io.
  Result<void> append(const Event& event);
  // Wait until everything is on the disk. Error: io.
  Result<void> sync();

 private:
  explicit Journal(LineLog log) : m_log(std::move(log)) {}
  LineLog m_log;
};

}  // namespace spyre::results
