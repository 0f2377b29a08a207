// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/database/postgresql_server.hpp"

#include <array>
#include <csignal>
#include <stdexcept>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/database/connection.hpp"
#include "tests/support/catch.hpp"

namespace spyre::database {
namespace {

namespace fs = std::filesystem;

fs::path find_programs() {
  const fs::path root = "/usr/lib/postgresql";
  if (fs::exists(root)) {
    for (const auto& version : fs::directory_iterator(root)) {
      if (fs::exists(version.path() / "bin" / "initdb")) return version.path() / "bin";
    }
  }
  throw std::runtime_error("PostgreSQL's server is missing: apt-get install postgresql");
}

// The server refuses to run as root.
void become_ordinary(const passwd* user) {
  if (user == nullptr) return;
  if (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0) ::_exit(126);
}

// Start a program whose standard error is `log`, and which ends with this process.
pid_t start(const std::vector<std::string>& words, int log, const passwd* user) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  become_ordinary(user);
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  ::dup2(log, STDERR_FILENO);
  ::dup2(log, STDOUT_FILENO);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

// Read the program's output until it contains `words`, or until it ends.
std::string read_until(int log, const std::string& words) {
  std::string said;
  std::array<char, 4096> buffer{};
  while (said.find(words) == std::string::npos) {
    const ssize_t count = ::read(log, buffer.data(), buffer.size());
    if (count <= 0) break;
    said.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return said;
}

// Create the locale in a directory for LOCPATH, so that the machine need not have it.
void make_german(const fs::path& directory, int log) {
  const std::string target = (directory / "de_DE.UTF-8").string();
  const pid_t maker = start({"/usr/bin/localedef", "-i", "de_DE", "-f", "UTF-8", target}, log, nullptr);
  int status = 0;
  ::waitpid(maker, &status, 0);
  if (status != 0) throw std::runtime_error("no German locale: apt-get install locales");
}

}  // namespace

PostgresqlServer& PostgresqlServer::get() {
  static PostgresqlServer server(Language::english);
  return server;
}

PostgresqlServer& PostgresqlServer::german() {
  static PostgresqlServer server(Language::german);
  return server;
}

PostgresqlServer::PostgresqlServer(Language language)
    : m_programs(find_programs()), m_directory(TemporaryDirectory::create().value()) {
  const passwd* user = ::geteuid() == 0 ? ::getpwnam("postgres") : nullptr;
  if (user != nullptr && ::chown(m_directory.path().c_str(), user->pw_uid, user->pw_gid) != 0) {
    throw std::runtime_error("chown failed");
  }
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
  m_log = UniqueFd(ends[0]);
  UniqueFd writer(ends[1]);
  const std::string data = (m_directory.path() / "data").string();
  const pid_t maker = start({(m_programs / "initdb").string(), "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8",
                             "--locale=C.UTF-8", "--no-sync"},
                            writer.get(), user);
  int status = 0;
  ::waitpid(maker, &status, 0);
  if (status != 0) throw std::runtime_error("initdb failed: " + read_until(m_log.get(), "\n"));
  std::vector<std::string> words{(m_programs / "postgres").string(),
                                 "-D",
                                 data,
                                 "-k",
                                 m_directory.path().string(),
                                 "-c",
                                 "listen_addresses=",
                                 "-c",
                                 "fsync=off",
                                 "-c",
                                 "log_min_messages=warning"};
  std::string ready = "ready to accept connections";
  if (language == Language::german) {
    ready = "bereit, um Verbindungen anzunehmen";
    make_german(m_directory.path(), writer.get());
    words.insert(words.begin(), {"/usr/bin/env", "LOCPATH=" + m_directory.path().string()});
    words.insert(words.end(), {"-c", "lc_messages=de_DE.UTF-8"});
  }
  m_process = start(words, writer.get(), user);
  writer.reset();
  const std::string said = read_until(m_log.get(), ready);
  if (said.find(ready) == std::string::npos) throw std::runtime_error("postgres: " + said);
}

PostgresqlServer::~PostgresqlServer() {
  if (m_process <= 0) return;
  ::kill(m_process, SIGQUIT);
  ::waitpid(m_process, nullptr, 0);
}

std::string PostgresqlServer::url(const std::string& database) const {
  return fmt::format("postgresql://tester@/{}?host={}", database, m_directory.path().string());
}

std::string PostgresqlServer::make_database() {
  const std::string name = fmt::format("made_{}", ++m_databases);
  Connection admin = Connection::open(url("postgres"), {.noun = "test", .schema = "spyre_test"}).value();
  if (const auto made = admin.run("CREATE DATABASE " + name); !made) throw std::runtime_error(made.error().message);
  return url(name);
}

}  // namespace spyre::database
