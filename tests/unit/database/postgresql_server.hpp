// SPDX-License-Identifier: Apache-2.0
// A PostgreSQL server of one's own, from Debian's package, for as long as the tests run.
#pragma once

#include <filesystem>
#include <string>

#include "agent/core/files.hpp"

namespace spyre::database {

class PostgresqlServer {
 public:
  // The one server of this process: started when it is asked for first.
  static PostgresqlServer& get();
  // The same for one whose messages are German.
  static PostgresqlServer& german();
  PostgresqlServer(const PostgresqlServer&) = delete;
  PostgresqlServer& operator=(const PostgresqlServer&) = delete;
  ~PostgresqlServer();

  // A new, empty database.
  std::string make_database();
  std::string url(const std::string& database) const;

 private:
  enum class Language { english, german };
  explicit PostgresqlServer(Language language);
  std::filesystem::path m_programs;
  TemporaryDirectory m_directory;
  pid_t m_process = -1;
  UniqueFd m_log;
  int m_databases = 0;
};

}  // namespace spyre::database
