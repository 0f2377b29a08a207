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

// What shows that nobody has touched a file since.
struct FileStamp {
  std::uint32_t inode = 0, size = 0;
  std::uint32_t modified_s = 0, modified_ns = 0;
  std::uint32_t changed_s = 0, changed_ns = 0;  // cannot be set by a program: the modification time can
  bool operator==(const FileStamp&) const = default;
};
FileStamp stamp_of(const struct stat& info);

struct CheckedOutFile {
  std::string path;
  ObjectId id;
  TreeEntry::Kind kind;
  FileStamp stamp;
};

// Which files a checkout wrote, and what they looked like then. Kept as a git index: complete or not there at all, with
// a checksum, and readable by `git ls-files`.
class CheckoutRecord {
 public:
  // Empty when there is none or when it is damaged: then nothing that lies there is trusted.
  static CheckoutRecord load(const std::filesystem::path& file);
  // `files` in byte order of their paths. Error: io.
  static Result<void> save(const std::filesystem::path& file, const std::vector<CheckedOutFile>& files);

  // nullptr when there is none of that path.
  const CheckedOutFile* find(std::string_view path) const;
  std::size_t size() const { return m_files.size(); }

 private:
  std::vector<CheckedOutFile> m_files;  // in byte order of their paths
};

}  // namespace spyre::git
