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

Result<Store> Store::open(const std::string& url) {
  TRY(Database database, Database::open(url));
  CHECK_OK(migrate(database));
  return Store(std::make_unique<Impl>(std::move(database)));
}

Result<bool> Store::import(const results::RunRecord& record) {
  return import_run(m_impl->database, record);
}

Result<KnownDurations> Store::durations() const {
  return read_known_durations(m_impl->database);
}

}  // namespace spyre::history
