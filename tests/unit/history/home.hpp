// SPDX-License-Identifier: Apache-2.0
// A place for one history, on each engine in turn.
#pragma once

#include <string>

#include "agent/core/files.hpp"
#include "agent/database/connection.hpp"
#include "agent/history/schema.hpp"
#include "agent/history/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/database/postgresql_server.hpp"

namespace spyre::history {

// With a section for each engine: the test runs twice.
class Home {
 public:
  Home() : m_directory(TemporaryDirectory::create().value()) {
    const bool sqlite = GENERATE(true, false);
    m_url = sqlite ? "sqlite://" + (m_directory.path() / "state" / "history.sqlite").string()
                   : database::PostgresqlServer::get().make_database();
    UNSCOPED_INFO("history " << m_url);
  }
  const std::string& url() const { return m_url; }
  bool is_sqlite() const { return m_url.starts_with("sqlite"); }
  Store open() const { return Store::open(m_url).value(); }
  database::Connection database() const { return database::Connection::open(m_url, owner).value(); }
  std::int64_t count(const std::string& table) const {
    return database().read_number("SELECT count(*) FROM " + table).value();
  }

 private:
  TemporaryDirectory m_directory;
  std::string m_url;
};

}  // namespace spyre::history
