// SPDX-License-Identifier: Apache-2.0
#include "agent/git/checkout_record.hpp"

#include <algorithm>
#include <cstring>
#include <system_error>

#include <fmt/format.h>
#include <git2.h>

#include "agent/git/libgit2.hpp"

namespace spyre::git {
namespace fs = std::filesystem;
namespace {

std::uint32_t mode_of(TreeEntry::Kind kind) {
  if (kind == TreeEntry::Kind::symlink) return GIT_FILEMODE_LINK;
  return kind == TreeEntry::Kind::program ? GIT_FILEMODE_BLOB_EXECUTABLE : GIT_FILEMODE_BLOB;
}

TreeEntry::Kind kind_of(std::uint32_t mode) {
  if (mode == GIT_FILEMODE_LINK) return TreeEntry::Kind::symlink;
  return mode == GIT_FILEMODE_BLOB_EXECUTABLE ? TreeEntry::Kind::program : TreeEntry::Kind::file;
}

git_index_entry to_entry(const CheckedOutFile& file) {
  git_index_entry entry{};
  entry.ctime = {static_cast<std::int32_t>(file.stamp.changed_s), file.stamp.changed_ns};
  entry.mtime = {static_cast<std::int32_t>(file.stamp.modified_s), file.stamp.modified_ns};
  entry.ino = file.stamp.inode;
  entry.file_size = file.stamp.size;
  entry.mode = mode_of(file.kind);
  git_oid_fromraw(&entry.id, file.id.data());
  entry.path = file.path.c_str();
  return entry;
}

CheckedOutFile to_file(const git_index_entry& entry) {
  CheckedOutFile file{.path = entry.path, .id = {}, .kind = kind_of(entry.mode), .stamp = {}};
  std::memcpy(file.id.data(), entry.id.id, file.id.size());
  file.stamp = {.inode = entry.ino,
                .size = entry.file_size,
                .modified_s = static_cast<std::uint32_t>(entry.mtime.seconds),
                .modified_ns = entry.mtime.nanoseconds,
                .changed_s = static_cast<std::uint32_t>(entry.ctime.seconds),
                .changed_ns = entry.ctime.nanoseconds};
  return file;
}

}  // namespace

// The record holds 32 bits of each number, like every git index: the rest does not matter for an equality check.
FileStamp stamp_of(const struct stat& info) {
  const auto low = [](auto value) { return static_cast<std::uint32_t>(value); };
  return {.inode = low(info.st_ino),
          .size = low(info.st_size),
          .modified_s = low(info.st_mtim.tv_sec),
          .modified_ns = low(info.st_mtim.tv_nsec),
          .changed_s = low(info.st_ctim.tv_sec),
          .changed_ns = low(info.st_ctim.tv_nsec)};
}

CheckoutRecord CheckoutRecord::load(const fs::path& file) {
  CheckoutRecord record;
  const auto index = make("cannot read the record of the checkout", git_index_open, file.c_str());
  if (!index) return record;
  const std::size_t count = git_index_entrycount(index->get());
  record.m_files.reserve(count);
  for (std::size_t i = 0; i < count; ++i) record.m_files.push_back(to_file(*git_index_get_byindex(index->get(), i)));
  return record;
}

Result<void> CheckoutRecord::save(const fs::path& file, const std::vector<CheckedOutFile>& files) {
  const std::string what = fmt::format("cannot write {}", file.string());
  for (const char* left_over : {"", ".lock"}) {  // from a killed checkout; the caller holds the workspace's lock
    std::error_code error;
    fs::remove(fs::path(file) += left_over, error);
    if (error) return fail(ErrorKind::io, fmt::format("{}: {}", what, error.message()));
  }
  TRY(const Handle<git_index> index, make(what, git_index_open, file.c_str()));
  for (const CheckedOutFile& checked_out : files) {
    const git_index_entry entry = to_entry(checked_out);
    CHECK_OK(checked(what, git_index_add(index.get(), &entry)));
  }
  return checked(what, git_index_write(index.get()));
}

const CheckedOutFile* CheckoutRecord::find(std::string_view path) const {
  const auto at =
      std::lower_bound(m_files.begin(), m_files.end(), path,
                       [](const CheckedOutFile& file, std::string_view wanted) { return file.path < wanted; });
  return at != m_files.end() && at->path == path ? &*at : nullptr;
}

}  // namespace spyre::git
