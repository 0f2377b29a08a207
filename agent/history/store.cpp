// SPDX-License-Identifier: Apache-2.0
#include "agent/history/store.hpp"

#include "agent/history/database.hpp"
#include "agent/history/importer.hpp"
#include "agent/history/known_durations.hpp"
#include "agent/history/schema.hpp"

namespace spyre::history {

class Store::Impl {
 public:
  explicit Impl(Database opened) : database(std::move(opened)) {}
  Database database;
};

Store::Store(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::open(const std::string& url, Seconds patience) {
  TRY(Database database, Database::open(url, patience));
  CHECK_OK(migrate(database));
  return Store(std::make_unique<Impl>(std::move(database)));
}

Result<bool> Store::import(const results::RunRecord& record, const RunContext& context) {
  return import_run(m_impl->database, record, context);
}

Result<KnownDurations> Store::durations(const std::string& card_kind) const {
  return read_known_durations(m_impl->database, card_kind);
}

Result<std::vector<RunInfo>> Store::runs(const RunFilter& filter) const {
  return read_runs(m_impl->database, filter);
}

Result<std::unordered_map<std::string, results::Outcome>> Store::outcomes(const std::string& run_id) const {
  return read_outcomes(m_impl->database, run_id);
}

Result<std::vector<CaseHistory>> Store::show(const std::string& id, std::size_t runs, std::size_t cases) const {
  return read_case_histories(m_impl->database, id, runs, cases);
}

Result<Flakiness> Store::flakiness(const FlakyOptions& options, const IsQuarantined& is_quarantined) const {
  return read_flakiness(m_impl->database, options, is_quarantined);
}

Result<Pruned> Store::prune(std::int64_t before) {
  return prune_results(m_impl->database, before);
}

}  // namespace spyre::history
