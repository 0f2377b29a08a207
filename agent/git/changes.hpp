// SPDX-License-Identifier: Apache-2.0
// The files that differ between two commits.
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

// Return "added", "modified", "deleted" or "renamed".
std::string_view name(FileChange::Kind kind);

// Return the files that differ between two commits, in byte order of `path`, each once. A deleted and an added file
// count as one renamed file if at least half of the text is the same. A changed mode, link or submodule is a
// modification. Neither commit has to be an ancestor of the other: changes on both sides count.
// Error: not_found (no such commit), invalid (not a commit), io (an object is missing or damaged).
Result<std::vector<FileChange>> changes(const Objects& objects, const std::string& from, const std::string& to);

}  // namespace spyre::git
