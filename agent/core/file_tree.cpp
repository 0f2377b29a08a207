// SPDX-License-Identifier: Apache-2.0
#include "agent/core/file_tree.hpp"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include "agent/core/files.hpp"

namespace spyre {
namespace fs = std::filesystem;

Result<std::vector<std::string>> DirectoryTree::list(std::string_view directory) const {
  std::error_code error;
  fs::recursive_directory_iterator it(m_root / directory, fs::directory_options::skip_permission_denied, error);
  if (error) {
    return fail(ErrorKind::not_found,
                fmt::format("no directory '{}' in {}: {}", directory, m_root.string(), error.message()));
  }
  std::vector<std::string> files;
  for (const fs::recursive_directory_iterator end; it != end; it.increment(error)) {
    if (error) return fail(ErrorKind::io, fmt::format("cannot list {}: {}", m_root.string(), error.message()));
    if (it->is_regular_file(error)) files.push_back(it->path().lexically_relative(m_root).generic_string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Result<std::string> DirectoryTree::read(std::string_view path) const {
  return read_file(m_root / path);
}

MemoryTree::MemoryTree(std::vector<File> files, std::string revision)
    : m_files(std::move(files)), m_revision(std::move(revision)) {
  std::sort(m_files.begin(), m_files.end(), [](const File& a, const File& b) { return a.path < b.path; });
}

Result<std::vector<std::string>> MemoryTree::list(std::string_view directory) const {
  std::vector<std::string> paths;
  for (const File& file : m_files) {
    if (directory.empty() || (file.path.starts_with(directory) && file.path[directory.size()] == '/'))
      paths.push_back(file.path);
  }
  if (paths.empty() && !directory.empty())
    return fail(ErrorKind::not_found, fmt::format("no directory '{}'", directory));
  return paths;
}

Result<std::string> MemoryTree::read(std::string_view path) const {
  for (const File& file : m_files) {
    if (file.path == path) return file.text;
  }
  return fail(ErrorKind::not_found, fmt::format("no file '{}'", path));
}

}  // namespace spyre
