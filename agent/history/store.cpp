// SPDX-License-Identifier: Apache-2.0
#include "agent/history/store.hpp"

#include "agent/database/connection.hpp"
#include "agent/history/importer.hpp"
#include "agent/history/known_durations.hpp"
#include "agent/history/schema.hpp"

namespace spyre::history {

class Store::Impl {
 public:
  explicit Impl(database::Connection opened) : connection(std::move(opened)) {}
  database::Connection connection;
};

Store::Store(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::open(const std::string& url, Seconds patience) {
  TRY(database::Connection connection, database::Connection::open(url, owner, patience));
  CHECK_OK(migrate(connection));
  return Store(std::make_unique<Impl>(std::move(connection)));
}

Result<bool> Store::import(const results::RunRecord& record) {
  return import_run(m_impl->connection, record);
}

Result<KnownDurations> Store::durations(const std::string& card_kind) const {
  return read_known_durations(m_impl->connection, card_kind);
}

Result<std::vector<RunInfo>> Store::runs(const RunFilter& filter) const {
  return read_runs(m_impl->connection, filter);
}

Result<std::unordered_map<std::string, results::Outcome>> Store::outcomes(const std::string& run_id) const {
  return read_outcomes(m_impl->connection, run_id);
}

Result<std::vector<CaseHistory>> Store::show(const std::string& id, std::size_t runs, std::size_t cases) const {
  return read_case_histories(m_impl->connection, id, runs, cases);
}

Result<Flakiness> Store::flakiness(const FlakyOptions& options, const IsQuarantined& is_quarantined) const {
  return read_flakiness(m_impl->connection, options, is_quarantined);
}

Result<Pruned> Store::prune(std::int64_t before) {
  return prune_results(m_impl->connection, before);
}

}  // namespace spyre::history
