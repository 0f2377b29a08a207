// SPDX-License-Identifier: Apache-2.0
// The history of earlier runs: runs, cases, attempts, durations. It is stored in one SQLite file (WAL) or in
// PostgreSQL.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"
#include "agent/database/connection.hpp"
#include "agent/history/case_history.hpp"
#include "agent/history/flakiness.hpp"
#include "agent/history/retention.hpp"
#include "agent/history/runs.hpp"
#include "agent/results/record.hpp"

namespace spyre::history {

struct CaseDuration {
  std::string id;
  double seconds = 0;  // the median of its latest ten passes on this kind of card, else on all cards; for a case that
                       // never passed, its latest attempt
};

// Tests that never ran are missing.
struct KnownDurations {
  std::unordered_map<std::string, std::vector<CaseDuration>> cases;  // unit id → its current cases, by id
  std::unordered_map<std::string, double> tests;                     // unit id → total seconds of these cases
  std::unordered_map<std::string, double> imports;                   // file → seconds of import and collection
};

// Return the history document, "spyre-ci/history@1": {tests: {unit: s}, imports: {file: s}, cases: {unit: {case: s}}}.
nlohmann::json to_json(const KnownDurations& durations);

// Several processes may use it at once; one object must be used by one thread at a time.
class Store {
 public:
  // Open a history, and migrate an older schema. `url`: "sqlite:///path/to/file" or
  // "postgresql://user@host:port/database". A missing file and its directory are created. This function and import()
  // wait at most `patience` for locks of other processes. Error: usage (invalid URL), io, busy, invalid (a newer
  // schema, or not a history).
  static Result<Store> open(const std::string& url, Seconds patience = database::usual_patience);
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  // Add a run in one transaction. Return false and change nothing when the run is already there. Error: invalid (no run
  // id or start), busy (another import takes too long), io.
  Result<bool> import(const results::RunRecord& record);
  // Return the known durations. `card_kind`: durations on these cards where they are known; empty: on all cards. Error:
  // io, as for all below.
  Result<KnownDurations> durations(const std::string& card_kind = {}) const;
  Result<std::vector<RunInfo>> runs(const RunFilter& filter) const;
  Result<std::unordered_map<std::string, results::Outcome>> outcomes(const std::string& run_id) const;
  Result<std::vector<CaseHistory>> show(const std::string& id, std::size_t runs = 50, std::size_t cases = 100) const;
  Result<Flakiness> flakiness(
      const FlakyOptions& options,
      const IsQuarantined& is_quarantined = [](const std::string&) { return false; }) const;
  Result<Pruned> prune(std::int64_t before);

 private:
  class Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> m_impl;
};

}  // namespace spyre::history
