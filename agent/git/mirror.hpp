// SPDX-License-Identifier: Apache-2.0
// A bare copy of a repository, shared between runs. Filled by the git program where there is one (it knows the user's
// proxies and credential helpers, and is several times faster), by libgit2 otherwise.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "agent/core/file_tree.hpp"
#include "agent/core/result.hpp"

namespace spyre::git {

// What "pinned" and "main" mean.
struct RevisionNames {
  std::string pinned;
  std::string main = "main";
};

struct MirrorOptions {
  std::string repo;              // URL or path
  std::filesystem::path folder;  // of the mirror
  bool use_git_program = true;   // false: libgit2 does the transfer
  std::function<void(std::string_view)> progress;  // lines for people; may be empty
};

class Mirror {
 public:
  // Makes the mirror's folder if there is none; no transfer yet. A local path is checked to be a repository.
  // Error: not_found, invalid (not a repository), io.
  static Result<Mirror> open(MirrorOptions options);

  // The commit that a revision means: "pinned", "main", a full or abbreviated SHA (≥ 4 digits), a tag, a branch, "pr/N".
  // Transfers only what is needed and missing: names that move (main, branches, pr/N) are always asked for, SHAs and tags
  // that are there are not. Concurrent callers wait for each other. A transfer that was cut off is repaired.
  // Error: not_found with the nearest name as a hint, infra (network), io.
  Result<std::string> resolve(const std::string& revision, const RevisionNames& names);

  // A commit's tree, without checking it out. Error: not_found, invalid.
  Result<std::unique_ptr<FileTree>> tree(const std::string& sha) const;

  const std::filesystem::path& folder() const { return m_options.folder; }

 private:
  explicit Mirror(MirrorOptions options) : m_options(std::move(options)) {}
  MirrorOptions m_options;
};

// The default folder for a repository's mirror, beneath `cache`: a readable name and a hash of the repository.
std::filesystem::path mirror_folder(const std::filesystem::path& cache, const std::string& repo);

}  // namespace spyre::git
