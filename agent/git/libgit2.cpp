// SPDX-License-Identifier: Apache-2.0
#include "agent/git/libgit2.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include <fmt/format.h>
#include <git2.h>

namespace spyre::git {
namespace {

struct Library {
  Library() {
    git_libgit2_init();
    // Like the git program, trust the objects of a pack to match its index: hashing each again makes reading three
    // times slower. Fetched objects are still verified on arrival.
    git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
    // libgit2 runs no program that a repository's configuration names, so reading a foreign repository is safe.
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    // A partial clone is readable as far as it goes; a missing object is reported as missing.
    std::array<const char*, 2> extensions{"partialclone", "worktreeconfig"};
    git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions.data(), extensions.size());
  }
};

ErrorKind kind_of(int code, const git_error* error, bool disk_is_full) {
  if (disk_is_full) return ErrorKind::io;
  if (code == GIT_ENOTFOUND) return ErrorKind::not_found;
  if (code == GIT_EAMBIGUOUS || code == GIT_EINVALIDSPEC) return ErrorKind::invalid;
  if (code == GIT_ELOCKED) return ErrorKind::busy;
  switch (error == nullptr ? GIT_ERROR_NONE : error->klass) {
    case GIT_ERROR_NET:
    case GIT_ERROR_SSL:
    case GIT_ERROR_SSH:
    case GIT_ERROR_HTTP:
      return ErrorKind::infra;
    default:
      return ErrorKind::io;
  }
}

}  // namespace

void start_libgit2() {
  static const Library library;
}

Error libgit2_error(int code, std::string_view what) {
  const git_error* error = git_error_last();
  const std::string reason = error == nullptr || error->message == nullptr ? "unknown reason" : error->message;
  const auto says = [&](int number) { return reason.find(std::strerror(number)) != std::string::npos; };
  const bool disk_is_full = says(ENOSPC) || says(EDQUOT);
  return Error{kind_of(code, error, disk_is_full), fmt::format("{}: {}", what, reason),
               disk_is_full ? "free some space, or choose another directory" : ""};
}

void Free::operator()(::git_config* config) const {
  git_config_free(config);
}
void Free::operator()(::git_diff* diff) const {
  git_diff_free(diff);
}
void Free::operator()(::git_index* index) const {
  git_index_free(index);
}
void Free::operator()(::git_object* object) const {
  git_object_free(object);
}
void Free::operator()(::git_odb* odb) const {
  git_odb_free(odb);
}
void Free::operator()(::git_odb_object* object) const {
  git_odb_object_free(object);
}
void Free::operator()(::git_reference* reference) const {
  git_reference_free(reference);
}
void Free::operator()(::git_remote* remote) const {
  git_remote_free(remote);
}
void Free::operator()(::git_repository* repository) const {
  git_repository_free(repository);
}
void Free::operator()(::git_tree* tree) const {
  git_tree_free(tree);
}
void Free::operator()(::git_tree_entry* entry) const {
  git_tree_entry_free(entry);
}

}  // namespace spyre::git
