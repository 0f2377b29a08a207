// SPDX-License-Identifier: Apache-2.0
// Commits of a repository in any place. A local repository is read in place: nothing is copied and nothing is written
// to it. Any other is mirrored in a directory that runs share. The git program fills it if there is one (it knows the
// user's proxies and credential helpers, and fetches a commit without its history), otherwise libgit2 does.
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
  // Gets lines for people, without credentials; may be empty. Percentages come many times a second.
  std::function<void(std::string_view)> progress{};
};

// For one thread at a time; several threads may share the trees that it returns.
class Mirror {
 public:
  // Open a mirror. Creates the mirror's directory if it is missing; transfers nothing. Checks that a path is a
  // repository.
  // Error: usage (the address is not allowed), not_found, invalid (not a repository; the directory has another use or
  // mirrors another repository), io.
  static Result<Mirror> open(MirrorOptions options);

  // Return the commit that a revision means: "pinned", "main", a full or abbreviated SHA (≥ 4 digits), a tag, a branch,
  // "pr/N", "HEAD". If a name is both a tag and a branch, the tag counts. Transfers only missing objects: names that
  // move (main, branches, pr/N) are always fetched, known SHAs and tags are not. Concurrent callers wait for each
  // other. An interrupted transfer is repaired. Error: usage (not a valid revision), config (nothing pinned), not_found
  // with the nearest name as a hint, invalid (ambiguous; not a repository), infra (network, credentials), interrupted,
  // io.
  Result<std::string> resolve(const std::string& revision, const RevisionNames& names);

  // Return a commit's tree without checking it out. `sha` is a result of resolve(). Error: not_found, invalid, io.
  Result<std::unique_ptr<FileTree>> tree(const std::string& sha) const;

  // Return where the commits are kept: the mirror's directory, or the repository itself.
  const std::filesystem::path& directory() const { return m_directory; }

  // Return the objects of the commits; for the workspace.
  Result<std::shared_ptr<const Objects>> objects() const;

  Mirror(Mirror&& other) noexcept;
  Mirror& operator=(Mirror&& other) noexcept;
  ~Mirror();

 private:
  Mirror(std::filesystem::path directory, std::unique_ptr<Source> source);
  std::filesystem::path m_directory;
  std::unique_ptr<Source> m_source;
};

// Return the default directory for a repository's mirror, beneath `cache`: a readable name and a hash of the
// repository. Other credentials for the same repository give the same directory.
std::filesystem::path mirror_directory(const std::filesystem::path& cache, const std::string& repo);

}  // namespace spyre::git
