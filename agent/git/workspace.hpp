// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "agent/core/files.hpp"
#include "agent/core/result.hpp"
#include "agent/git/mirror.hpp"

namespace spyre::git {

// A clean checkout of one commit in a folder, locked while this object lives.
class Workspace {
 public:
  // Checks `sha` out into `folder`, which is empty, absent, or a workspace of before: then only the differences are
  // written, files that are not the commit's are removed, and changed ones are restored. A folder that is neither is
  // refused, so that nothing of the user's is ever removed. Survives a kill at any moment: the next call repairs it.
  // Error: busy (another run uses it), invalid (not a workspace), not_found, io.
  static Result<Workspace> checkout(const Mirror& mirror, const std::string& sha, const std::filesystem::path& folder);

  const std::filesystem::path& folder() const { return m_folder; }
  const std::string& sha() const { return m_sha; }

 private:
  Workspace(FileLock lock, std::filesystem::path folder, std::string sha)
      : m_lock(std::move(lock)), m_folder(std::move(folder)), m_sha(std::move(sha)) {}
  FileLock m_lock;
  std::filesystem::path m_folder;
  std::string m_sha;
};

}  // namespace spyre::git
