// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "agent/core/files.hpp"
#include "agent/core/result.hpp"
#include "agent/git/mirror.hpp"

namespace spyre::git {

// A clean checkout of one commit in a directory, locked while this object lives. Files equal the commit's byte for
// byte: no settings of line ends or filters apply. Submodules are empty directories. There is no .git; a directory
// ".spyre-ci-workspace" names the owner of the workspace and records which files were written.
class Workspace {
 public:
  // Check `sha` out into `directory`, which is empty, absent, or an earlier workspace: then only differences are
  // written, files that are not the commit's are removed, and changed ones are restored. Any other directory is
  // refused, so that no file of a user is ever removed. Survives a kill or a full disk at any moment: the next call
  // trusts only the files of a completed checkout.
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
