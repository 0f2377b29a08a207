// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"
#include "agent/git/libgit2.hpp"

namespace spyre::git {

using ObjectId = std::array<unsigned char, 20>;

struct TreeEntry {
  enum class Kind { file, program, symlink, directory, submodule };
  std::string path;  // relative to the commit's root
  ObjectId id;
  Kind kind;
};

// The objects of a repository, for any number of threads at once. A handle of libgit2 belongs to one thread at a time,
// so each call borrows an unused one.
class Objects {
 public:
  // Open a repository's objects. `directory` is its "objects". `advice` is the hint of errors about missing and damaged
  // objects.
  // Error: not_found, io.
  static Result<std::shared_ptr<const Objects>> open(const std::filesystem::path& directory, std::string advice);

  // Return the 40 digits of a commit; an annotated tag stands for its commit.
  // Error: not_found (no such object), invalid (not a commit).
  Result<std::string> commit_of(const std::string& sha) const;
  // Return all commits whose SHA begins with `digits` (at least 4), in byte order. Error: io.
  Result<std::vector<std::string>> commits_beginning_with(const std::string& digits) const;

  // Return all entries beneath `directory` of a commit at any depth, in byte order of the paths; a directory comes
  // before its entries. Error: not_found, io (an object is missing or damaged).
  Result<std::vector<TreeEntry>> entries(const std::string& commit, std::string_view directory) const;
  // Return one entry of a commit. Error: not_found, io.
  Result<TreeEntry> entry(const std::string& commit, std::string_view path) const;
  // Pass a file's bytes to `use`; they are valid during the call. Error: that of `use`; not_found, io.
  Result<void> with_blob(const ObjectId& id, const std::function<Result<void>(std::string_view)>& use) const;

  // Lend a handle of libgit2 to `use`. Error: that of `use`; io. An object that `use` does not find counts as damage.
  Result<void> with_repository(const std::function<Result<void>(::git_repository*)>& use) const;

  // Return whether every tree and every file of the commit is there.
  bool has_all_of(const std::string& commit) const;

 private:
  struct Reader {
    Handle<::git_odb> odb;
    Handle<::git_repository> repository;
  };
  class Loan;

  Objects(std::filesystem::path directory, std::string advice)
      : m_directory(std::move(directory)), m_advice(std::move(advice)) {}
  Result<Loan> borrow() const;
  Result<Handle<::git_tree>> root(const Reader& reader, const std::string& commit) const;
  template <typename T>
  Result<T> or_damage(Result<T> result) const;

  std::filesystem::path m_directory;
  std::string m_advice;
  mutable std::mutex m_mutex;
  mutable std::vector<Reader> m_idle;
};

}  // namespace spyre::git
