// SPDX-License-Identifier: Apache-2.0
// What lies between two commits: which files, not which lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"
#include "agent/git/objects.hpp"

namespace spyre::git {

struct FileChange {
  enum class Kind { added, modified, deleted, renamed };
  Kind kind = Kind::modified;
  std::string path;      // in the later commit; of a deleted file in the earlier one
  std::string old_path;  // in the earlier commit; empty when the file was not there
  bool operator==(const FileChange&) const = default;
};

// "added", "modified", "deleted", "renamed".
std::string_view name(FileChange::Kind kind);

// The files that differ between two commits, in byte order of `path`, each once. A file that went and one that came are
// one renamed file when at least half of the text is the same. A changed mode, link or submodule is a modification.
// Neither commit has to be an ancestor of the other: what happened on both sides counts.
// Error: not_found (no such commit), invalid (not a commit), io (an object is missing or damaged).
Result<std::vector<FileChange>> changes(const Objects& objects, const std::string& from, const std::string& to);

}  // namespace spyre::git
