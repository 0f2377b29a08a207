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

// The objects of a repository, for any number of threads at once: a handle of libgit2 belongs to one thread at a time,
// so each call borrows one that no other call is using.
class Objects {
 public:
  // `directory` is the repository's "objects". `advice` is the hint of errors about missing and damaged objects.
  // Error: not_found, io.
  static Result<std::shared_ptr<const Objects>> open(const std::filesystem::path& directory, std::string advice);

  // The commit that an object is or, as an annotated tag, points at: its 40 digits.
  // Error: not_found (no such object), invalid (not a commit).
  Result<std::string> commit_of(const std::string& sha) const;
  // All commits whose SHA begins with `digits` (at least 4), in byte order. Error: io.
  Result<std::vector<std::string>> commits_beginning_with(const std::string& digits) const;

  // What is beneath `directory` of a commit at any depth, in byte order of the paths; a directory comes before what is
  // in it. Error: not_found, io (an object is missing or damaged).
  Result<std::vector<TreeEntry>> entries(const std::string& commit, std::string_view directory) const;
  // One path of a commit. Error: not_found, io.
  Result<TreeEntry> entry(const std::string& commit, std::string_view path) const;
  // Hands over a file's bytes, which are gone after the call. Error: what `use` returns; not_found, io.
  Result<void> with_blob(const ObjectId& id, const std::function<Result<void>(std::string_view)>& use) const;

  // Lends a handle of libgit2 for one call. Error: what `use` returns; io. An object that `use` does not find is
  // damage.
  Result<void> with_repository(const std::function<Result<void>(::git_repository*)>& use) const;

  // Whether every tree and every file of the commit is there.
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
