// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "agent/core/files.hpp"
#include "agent/core/result.hpp"
#include "agent/git/mirror.hpp"

namespace spyre::git {

// A clean checkout of one commit in a directory, locked while this object lives. Files are the commit's, byte for byte:
// nobody's settings of line ends or filters change them. Submodules are empty directories. There is no .git; a
// directory
// ".spyre-ci-workspace" says whose workspace it is and remembers what was written.
class Workspace {
 public:
  // Checks `sha` out into `directory`, which is empty, absent, or a workspace of before: then only the differences are
  // written, files that are not the commit's are removed, and changed ones are restored. A directory that is neither is
  // refused, so that nothing of the user's is ever removed. Survives a kill or a full disk at any moment: the next call
  // trusts only what a completed checkout wrote.
  // Error: busy (another run uses it), invalid (not a workspace; a commit that cannot be checked out), not_found, io.
  static Result<Workspace> checkout(const Mirror& mirror, const std::string& sha,
                                    const std::filesystem::path& directory);

  const std::filesystem::path& directory() const { return m_directory; }  // absolute
  const std::string& sha() const { return m_sha; }

 private:
  Workspace(FileLock lock, std::filesystem::path directory, std::string sha)
      : m_lock(std::move(lock)), m_directory(std::move(directory)), m_sha(std::move(sha)) {}
  FileLock m_lock;
  std::filesystem::path m_directory;
  std::string m_sha;
};

}  // namespace spyre::git
