// SPDX-License-Identifier: Apache-2.0
#include "agent/git/changes.hpp"

#include <algorithm>

#include <git2.h>

namespace spyre::git {
namespace {

Result<Handle<git_tree>> root_of(git_repository* repository, const std::string& sha) {
  git_oid oid;
  CHECK_OK(checked("'" + sha + "' is not a full SHA", git_oid_fromstr(&oid, sha.c_str())));
  TRY(const Handle<git_object> commit,
      make("no commit " + sha, git_object_lookup, repository, static_cast<const git_oid*>(&oid), GIT_OBJECT_COMMIT));
  git_object* tree = nullptr;
  CHECK_OK(checked("cannot read the root directory of commit " + sha,
                   git_object_peel(&tree, commit.get(), GIT_OBJECT_TREE)));
  return Handle<git_tree>(reinterpret_cast<git_tree*>(tree));
}

FileChange change_of(const git_diff_delta& delta) {
  using Kind = FileChange::Kind;
  switch (delta.status) {
    case GIT_DELTA_ADDED:
      return {Kind::added, delta.new_file.path, {}};
    case GIT_DELTA_DELETED:
      return {Kind::deleted, delta.old_file.path, delta.old_file.path};
    case GIT_DELTA_RENAMED:
      return {Kind::renamed, delta.new_file.path, delta.old_file.path};
    default:
      return {Kind::modified, delta.new_file.path, delta.old_file.path};
  }
}

Result<std::vector<FileChange>> diff(git_repository* repository, const std::string& from, const std::string& to) {
  TRY(const Handle<git_tree> before, root_of(repository, from));
  TRY(const Handle<git_tree> after, root_of(repository, to));
  git_diff_options options;
  git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
  options.flags |= GIT_DIFF_INCLUDE_TYPECHANGE;  // else a file that becomes a link is two changes of one path
  TRY(const Handle<git_diff> diff, make("cannot compare the commits", git_diff_tree_to_tree, repository, before.get(),
                                        after.get(), static_cast<const git_diff_options*>(&options)));
  git_diff_find_options renames;
  git_diff_find_options_init(&renames, GIT_DIFF_FIND_OPTIONS_VERSION);
  renames.flags = GIT_DIFF_FIND_RENAMES;
  CHECK_OK(checked("cannot look for renamed files", git_diff_find_similar(diff.get(), &renames)));
  std::vector<FileChange> found;
  for (std::size_t i = 0; i < git_diff_num_deltas(diff.get()); ++i) {
    found.push_back(change_of(*git_diff_get_delta(diff.get(), i)));
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return found;
}

}  // namespace

std::string_view name(FileChange::Kind kind) {
  constexpr std::string_view names[] = {"added", "modified", "deleted", "renamed"};
  return names[static_cast<std::size_t>(kind)];
}

Result<std::vector<FileChange>> changes(const Objects& objects, const std::string& from, const std::string& to) {
  TRY(const std::string before, objects.commit_of(from));
  TRY(const std::string after, objects.commit_of(to));
  std::vector<FileChange> found;
  CHECK_OK(objects.with_repository([&](git_repository* repository) -> Result<void> {
    TRY(found, diff(repository, before, after));
    return {};
  }));
  return found;
}

}  // namespace spyre::git
