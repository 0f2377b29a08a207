// SPDX-License-Identifier: Apache-2.0
// A private PostgreSQL server, from Debian's package, for the duration of the tests.
#pragma once

#include <filesystem>
#include <string>

#include "agent/core/files.hpp"

namespace spyre::database {

class PostgresqlServer {
 public:
  // Return the only server of this process; the first call starts it.
  static PostgresqlServer& get();
  // Return a server whose messages are German.
  static PostgresqlServer& german();
  PostgresqlServer(const PostgresqlServer&) = delete;
  PostgresqlServer& operator=(const PostgresqlServer&) = delete;
  ~PostgresqlServer();

  // Create an empty database.
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
