// SPDX-License-Identifier: Apache-2.0
// Where a command gets PyTorch's files from: a directory (--source), or a commit of a repository (--repo, --rev).
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

// An opened source: files can be read at once; a directory on the disk is made when something has to run in it.
class Source {
 public:
  // Error: usage when neither or both are given; those of git::Mirror.
  static Result<Source> open(const SourceRequest& options, const Config& config);

  const FileTree& tree() const { return *m_tree; }
  // The commit, or empty for a directory.
  const std::string& revision() const { return m_revision; }
  // The directory that was given; empty for a commit.
  const std::filesystem::path& given_directory() const { return m_directory; }
  // A directory with these files: the given one, or a clean checkout in the cache that is locked while this object
  // lives. Error: those of git::Workspace.
  Result<std::filesystem::path> directory();

 private:
  std::filesystem::path m_directory;
  std::string m_revision;
  std::optional<git::Mirror> m_mirror;
  std::unique_ptr<FileTree> m_tree;
  std::optional<git::Workspace> m_workspace;
};

// The mirror of a repository, with progress on standard error. `repo` empty: the configured one.
Result<git::Mirror> open_mirror(const std::string& repo, const Config& config);
git::RevisionNames revision_names(const Config& config);

}  // namespace spyre::job
