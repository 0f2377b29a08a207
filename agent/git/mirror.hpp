// SPDX-License-Identifier: Apache-2.0
// Commits of a repository, wherever it is. One on this machine is read in place: nothing is copied and nothing is
// written to it. Any other is mirrored in a directory that runs share: filled by the git program where there is one (it
// knows the user's proxies and credential helpers, and fetches a commit without its history), by libgit2 otherwise.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "agent/core/file_tree.hpp"
#include "agent/core/result.hpp"
#include "agent/git/revision.hpp"

namespace spyre::git {

class Objects;
class Source;

struct MirrorOptions {
  std::string repo;                   // path, URL (https, http, ssh, git, file), or user@host:path
  std::filesystem::path directory{};  // of the mirror; not used for a path
  bool use_git_program = true;        // false: libgit2 does the transfer
  // Lines for people, without credentials; may be empty. Percentages come many times a second.
  std::function<void(std::string_view)> progress{};
};

// For one thread at a time; the trees it gives are for many.
class Mirror {
 public:
  // Makes the mirror's directory if there is none; no transfer yet. A path is checked to be a repository.
  // Error: usage (not an address that is allowed), not_found, invalid (not a repository; the directory is something
  // else or another repository's mirror), io.
  static Result<Mirror> open(MirrorOptions options);

  // The commit that a revision means: "pinned", "main", a full or abbreviated SHA (≥ 4 digits), a tag, a branch,
  // "pr/N", "HEAD". A name that is a tag and a branch is the tag. Transfers only what is needed and missing: names that
  // move (main, branches, pr/N) are always asked for, SHAs and tags that are there are not. Concurrent callers wait for
  // each other. A transfer that was cut off is repaired. Error: usage (cannot be a revision), config (nothing pinned),
  // not_found with the nearest name as a hint, invalid (ambiguous; no repository there), infra (network, credentials),
  // interrupted, io.
  Result<std::string> resolve(const std::string& revision, const RevisionNames& names);

  // A commit's tree, without checking it out. `sha` is what resolve() returned. Error: not_found, invalid, io.
  Result<std::unique_ptr<FileTree>> tree(const std::string& sha) const;

  // Where the commits are kept: the mirror's directory, or the repository itself.
  const std::filesystem::path& directory() const { return m_directory; }

  // For the workspace: what commits are read from.
  Result<std::shared_ptr<const Objects>> objects() const;

  Mirror(Mirror&& other) noexcept;
  Mirror& operator=(Mirror&& other) noexcept;
  ~Mirror();

 private:
  Mirror(std::filesystem::path directory, std::unique_ptr<Source> source);
  std::filesystem::path m_directory;
  std::unique_ptr<Source> m_source;
};

// The default directory for a repository's mirror, beneath `cache`: a readable name and a hash of the repository. The
// same for the same repository with other credentials.
std::filesystem::path mirror_directory(const std::filesystem::path& cache, const std::string& repo);

}  // namespace spyre::git
