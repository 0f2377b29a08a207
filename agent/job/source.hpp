// SPDX-License-Identifier: Apache-2.0
// The source of PyTorch's files: a directory (--source), or a commit of a repository (--repo, --rev).
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "agent/core/config.hpp"
#include "agent/core/file_tree.hpp"
#include "agent/core/result.hpp"
#include "agent/git/mirror.hpp"
#include "agent/git/workspace.hpp"

namespace spyre::job {

struct SourceRequest {
  std::string source, repo, rev;
};

// An opened source. Files can be read at once; a directory on the disk is created only when tests must run in it.
class Source {
 public:
  // Open a source. Error: usage (neither or both are given); those of git::Mirror.
  static Result<Source> open(const SourceRequest& options, const Config& config);

  const FileTree& tree() const { return *m_tree; }
  // Return the commit; empty for a directory.
  const std::string& revision() const { return m_revision; }
  // Return the given directory; empty for a commit.
  const std::filesystem::path& given_directory() const { return m_directory; }
  // Return a directory with the files: the given one, or a clean checkout in the cache that is locked as long as this
  // object exists. Error: those of git::Workspace.
  Result<std::filesystem::path> directory();

 private:
  std::filesystem::path m_directory;
  std::string m_revision;
  std::optional<git::Mirror> m_mirror;
  std::unique_ptr<FileTree> m_tree;
  std::optional<git::Workspace> m_workspace;
};

// Return the mirror of a repository, and show progress on standard error. An empty `repo` means the configured one.
Result<git::Mirror> open_mirror(const std::string& repo, const Config& config);
git::RevisionNames revision_names(const Config& config);

}  // namespace spyre::job
