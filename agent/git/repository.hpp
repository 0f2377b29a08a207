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

// A repository of this machine, which is only read. For one thread at a time; its objects are for many.
class Repository {
 public:
  // `path` is a bare repository, or a directory with .git. `advice` is for errors about damaged objects.
  // Error: not_found, invalid (no repository), io.
  static Result<Repository> open(const std::filesystem::path& path, std::string advice);

  // The commit that a ref ("refs/tags/v1.13.1", "HEAD") points at, through annotated tags.
  // Error: not_found (no such ref, or its commit is missing), invalid (not a commit), io.
  Result<std::string> commit_of_ref(const std::string& ref) const;
  // All refs. Error: io.
  Result<std::vector<std::string>> refs() const;
  const std::shared_ptr<const Objects>& objects() const { return m_objects; }

 private:
  Repository(Handle<::git_repository> repository, std::shared_ptr<const Objects> objects)
      : m_repository(std::move(repository)), m_objects(std::move(objects)) {}
  Handle<::git_repository> m_repository;
  std::shared_ptr<const Objects> m_objects;
};

// Makes a bare repository there if there is none, and one usable again after a transfer was cut off: removes locks and
// half files that were left, packs that are not whole, and refs whose commit is not there; replaces one that cannot be
// opened at all. Nobody else may be writing there. Error: io.
Result<void> make_usable(const std::filesystem::path& repository);

// Whether every pack is as long as its index says; a pack without an index does not count, it may be arriving.
bool packs_are_whole(const std::filesystem::path& repository);

}  // namespace spyre::git
