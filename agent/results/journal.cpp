// SPDX-License-Identifier: Apache-2.0
#include "agent/results/journal.hpp"

#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"

namespace spyre::results {

Result<Journal> Journal::open(const std::filesystem::path& run_dir) {
  CHECK_OK(make_directories(run_dir));
  TRY(LineLog log, LineLog::open(run_dir / "journal.jsonl"));
  return Journal(std::move(log));
}

Result<void> Journal::append(const Event& event) {
  return m_log.append(dump_json(to_json(event)));
}

Result<void> Journal::sync() {
  return m_log.sync();
}

}  // namespace spyre::results
