// SPDX-License-Identifier: Apache-2.0
// Small real repositories for the tests, made with the git program.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/files.hpp"
#include "agent/core/result.hpp"
#include "agent/git/git_program.hpp"
#include "tests/support/catch.hpp"

namespace spyre::git {

// Return the value, or fail the test with the error.
template <typename T>
T value_of(Result<T> result) {
  if (!result) FAIL(result.error().message << " | " << result.error().hint);
  return std::move(*result);
}

inline void succeed(const Result<void>& result) {
  if (!result) FAIL(result.error().message << " | " << result.error().hint);
}

template <typename T>
Error error_of(const Result<T>& result) {
  if (result) FAIL("an error was expected");
  return result.error();
}

// Return git's standard output without the final newline.
std::string run_git(const std::vector<std::string>& arguments);

inline std::string text_of(const std::filesystem::path& path) {
  return value_of(read_file(path));
}

// Write a file, and the directories above it, without waiting for the disk. Return false on failure.
bool put(const std::filesystem::path& path, std::string_view text);

// A repository with a working tree that acts as the remote one.
class Upstream {
 public:
  Upstream();
  // Copy the repository without starting a process, so that one setup serves many tests.
  Upstream(const Upstream& original);
  Upstream& operator=(const Upstream&) = delete;
  const std::filesystem::path& path() const { return m_path; }
  std::string url() const { return "file://" + m_path.string(); }

  // Files by path; "->target" is a symbolic link, a text that begins with "#!" an executable.
  void write(const std::string& path, const std::string& text) const;
  void add_submodule(const std::string& path) const;
  // Commit everything in the working tree to the current branch; return the SHA.
  std::string commit(const std::string& message = "change") const;
  std::string commit_files(const std::map<std::string, std::string>& files) const;
  std::string git(std::vector<std::string> arguments) const;

 private:
  TemporaryDirectory m_directory;
  std::filesystem::path m_path;
};

// Return the content of a directory: path → text, "->target" for a link, "#!…" only if executable, "/" for an empty
// directory. `except` is a name in the directory to ignore.
std::map<std::string, std::string> contents(const std::filesystem::path& directory, std::string_view except = {});

// Run `body` in a child process and return its wait status; a body that returns ends with status 0.
int in_child(const std::function<void()>& body);
// Make writes that grow a file beyond `bytes` fail or, with `deadly`, end the process in the middle of the write, which
// nothing in the process can prevent. Children inherit the setting.
void limit_file_size(std::uint64_t bytes, bool deadly);

}  // namespace spyre::git
