// SPDX-License-Identifier: Apache-2.0
// What happened in earlier runs: runs, cases, attempts, durations; in one SQLite file (WAL), or in PostgreSQL.
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
  double seconds = 0;  // the median of its latest ten passes on this kind of card, if there are any, else on all; of a
                       // case that never passed, the latest attempt
};

// What was never run is not in here.
struct KnownDurations {
  std::unordered_map<std::string, std::vector<CaseDuration>> cases;  // unit id → the cases that it has now, by id
  std::unordered_map<std::string, double> tests;                     // unit id → seconds of these cases together
  std::unordered_map<std::string, double> imports;                   // file → seconds of import and collection
};

// The history document, "spyre-ci/history@1": {tests: {unit: s}, imports: {file: s}, cases: {unit: {case: s}}}.
nlohmann::json to_json(const KnownDurations& durations);

// Safe to use from several processes at once; one object from one thread at a time.
class Store {
 public:
  // `url`: "sqlite:///path/to/file" or "postgresql://user@host:port/database". Makes a missing file and its directory,
  // and brings an older schema up to date. What others hold is waited for, here and in import, for `patience` at most.
  // Error: usage (not such a URL), io, busy, invalid (a newer schema, or not a history).
  static Result<Store> open(const std::string& url, Seconds patience = database::usual_patience);
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  // Adds a run in one transaction; a run that is there already is left as it is (returns false).
  // Error: invalid (no run id or start), busy (another import takes too long), io.
  Result<bool> import(const results::RunRecord& record);
  // `card_kind`: how long things take on such cards, as far as that is known; empty: on any.
  // Error: io, as for all below.
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
