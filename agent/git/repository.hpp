// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "agent/core/result.hpp"
#include "agent/git/libgit2.hpp"
#include "agent/git/objects.hpp"

namespace spyre::git {

// A local repository, opened for reading. For one thread at a time; several threads may share its objects.
class Repository {
 public:
  // Open a repository. `path` is a bare repository, or a directory with .git. `advice` is for errors about damaged
  // objects.
  // Error: not_found, invalid (not a repository), io.
  static Result<Repository> open(const std::filesystem::path& path, std::string advice);

  // Return the commit that a ref ("refs/tags/v1.13.1", "HEAD") points to, through annotated tags.
  // Error: not_found (no such ref, or its commit is missing), invalid (not a commit), io.
  Result<std::string> commit_of_ref(const std::string& ref) const;
  // Return all refs. Error: io.
  Result<std::vector<std::string>> refs() const;
  const std::shared_ptr<const Objects>& objects() const { return m_objects; }

 private:
  Repository(Handle<::git_repository> repository, std::shared_ptr<const Objects> objects)
      : m_repository(std::move(repository)), m_objects(std::move(objects)) {}
  Handle<::git_repository> m_repository;
  std::shared_ptr<const Objects> m_objects;
};

// Create a bare repository if there is none, and repair one after an interrupted transfer: remove stale locks and
// partial files, incomplete packs, and refs whose commit is missing; replace a repository that cannot be opened at all.
// No other process may write to it meanwhile. Error: io.
Result<void> make_usable(const std::filesystem::path& repository);

// Return whether every pack is as long as its index says. A pack without an index does not count: it may still be
// arriving.
bool packs_are_whole(const std::filesystem::path& repository);

}  // namespace spyre::git
