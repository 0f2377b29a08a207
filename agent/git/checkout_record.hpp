// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <sys/stat.h>

#include "agent/core/result.hpp"
#include "agent/git/objects.hpp"

namespace spyre::git {

// Attributes that change when a file is touched.
struct FileStamp {
  std::uint32_t inode = 0, size = 0;
  std::uint32_t modified_s = 0, modified_ns = 0;
  std::uint32_t changed_s = 0, changed_ns = 0;  // a program cannot set this time; it can set the modification time
  bool operator==(const FileStamp&) const = default;
};
FileStamp stamp_of(const struct stat& info);

struct CheckedOutFile {
  std::string path;
  ObjectId id;
  TreeEntry::Kind kind;
  FileStamp stamp;
};

// The files that a checkout wrote, with their attributes at that time. Kept as a git index: complete or absent, with a
// checksum, and readable by `git ls-files`.
class CheckoutRecord {
 public:
  // Load a record. Empty if it is missing or damaged: then no existing file is trusted.
  static CheckoutRecord load(const std::filesystem::path& file);
  // Save `files`, which are in byte order of their paths. Error: io.
  static Result<void> save(const std::filesystem::path& file, const std::vector<CheckedOutFile>& files);

  // Return the file with this path, or nullptr.
  const CheckedOutFile* find(std::string_view path) const;
  std::size_t size() const { return m_files.size(); }

 private:
  std::vector<CheckedOutFile> m_files;  // in byte order of their paths
};

}  // namespace spyre::git
