// SPDX-License-Identifier: Apache-2.0
#include "agent/git/commit_tree.hpp"

#include <utility>

#include <fmt/format.h>

namespace spyre::git {
namespace {

bool is_file(const TreeEntry& entry) {
  return entry.kind == TreeEntry::Kind::file || entry.kind == TreeEntry::Kind::program;
}

}  // namespace

Result<std::vector<std::string>> CommitTree::list(std::string_view directory) const {
  TRY(std::vector<TreeEntry> entries, m_objects->entries(m_commit, directory));
  std::vector<std::string> files;
  for (TreeEntry& entry : entries) {
    if (is_file(entry)) files.push_back(std::move(entry.path));
  }
  return files;
}

Result<std::string> CommitTree::read(std::string_view path) const {
  TRY(const TreeEntry entry, m_objects->entry(m_commit, path));
  if (!is_file(entry))
    return fail(ErrorKind::not_found, fmt::format("'{}' in commit {} is not a file", path, m_commit));
  std::string text;
  CHECK_OK(m_objects->with_blob(entry.id, [&text](std::string_view bytes) -> Result<void> {
    text = bytes;
    return {};
  }));
  return text;
}

}  // namespace spyre::git
