// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/git/upstream.hpp"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <system_error>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace spyre::git {
namespace fs = std::filesystem;

std::string run_git(const std::vector<std::string>& arguments) {
  std::vector<std::string> all{"-c", "user.name=A Tester",      "-c", "user.email=tester@example.org",
                               "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always",
                               "-c", "commit.gpgSign=false"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  // The same commits in every run, so that a failing test can be reproduced.
  ::setenv("GIT_AUTHOR_DATE", "2022-12-08T00:00:00Z", 1);
  ::setenv("GIT_COMMITTER_DATE", "2022-12-08T00:00:00Z", 1);
  auto outcome = value_of(GitProgram::find()->run(all, {}));
  if (!outcome.good()) FAIL("git failed: " << outcome.errors);
  while (outcome.output.ends_with('\n')) outcome.output.pop_back();
  return outcome.output;
}

bool put(const fs::path& path, std::string_view text) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  return file.good();
}

Upstream::Upstream() : m_directory(value_of(TemporaryDirectory::create())), m_path(m_directory.path() / "upstream") {
  run_git({"init", "-q", m_path.string()});
}

Upstream::Upstream(const Upstream& original)
    : m_directory(value_of(TemporaryDirectory::create())), m_path(m_directory.path() / "upstream") {
  fs::copy(original.m_path, m_path, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
}

std::string Upstream::git(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), {"-C", m_path.string()});
  return run_git(arguments);
}

void Upstream::write(const std::string& path, const std::string& text) const {
  const fs::path full = m_path / path;
  fs::create_directories(full.parent_path());
  fs::remove_all(full);
  if (text.starts_with("->")) {
    fs::create_symlink(text.substr(2), full);
    return;
  }
  REQUIRE(put(full, text));
  if (text.starts_with("#!")) fs::permissions(full, fs::perms{0755});
}

void Upstream::add_submodule(const std::string& path) const {
  fs::create_directories(m_path / path);
  git({"update-index", "--add", "--cacheinfo", "160000," + std::string(40, '1') + "," + path});
}

std::string Upstream::commit(const std::string& message) const {
  git({"add", "-A"});
  git({"commit", "-q", "--allow-empty", "-m", message});
  return git({"rev-parse", "HEAD"});
}

std::string Upstream::commit_files(const std::map<std::string, std::string>& files) const {
  for (const auto& file : fs::directory_iterator(m_path)) {
    if (file.path().filename() != ".git") fs::remove_all(file.path());
  }
  for (const auto& [path, text] : files) write(path, text);
  return commit();
}

std::map<std::string, std::string> contents(const fs::path& directory, std::string_view except) {
  std::map<std::string, std::string> found;
  for (auto it = fs::recursive_directory_iterator(directory); it != fs::recursive_directory_iterator(); ++it) {
    const std::string path = it->path().lexically_relative(directory).generic_string();
    if (path == except) {
      it.disable_recursion_pending();
    } else if (it->is_symlink()) {
      found[path] = "->" + fs::read_symlink(it->path()).string();
    } else if (it->is_directory()) {
      if (fs::is_empty(it->path())) found[path] = "/";
    } else {
      const bool program = (it->status().permissions() & fs::perms::owner_exec) != fs::perms::none;
      const std::string text = text_of(it->path());
      found[path] = program == text.starts_with("#!") ? text : "wrong permissions: " + text;
    }
  }
  return found;
}

int in_child(const std::function<void()>& body) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    body();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

void limit_file_size(std::uint64_t bytes, bool deadly) {
  const rlimit none{0, 0};
  const rlimit size{bytes, bytes};
  ::setrlimit(RLIMIT_CORE, &none);
  ::setrlimit(RLIMIT_FSIZE, &size);
  std::signal(SIGXFSZ, deadly ? SIG_DFL : SIG_IGN);
}

}  // namespace spyre::git
