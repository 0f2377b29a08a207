// SPDX-License-Identifier: Apache-2.0
#include "agent/git/workspace.hpp"

#include <atomic>
#include <cerrno>
#include <mutex>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/core/parallel.hpp"
#include "agent/git/checkout_record.hpp"
#include "agent/git/clean.hpp"
#include "agent/git/objects.hpp"

namespace spyre::git {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view state_name = ".spyre-ci-workspace";

// Claim the directory before anything is written to it, or check that it is claimed already.
Result<void> claim(const fs::path& directory) {
  std::error_code error;
  if (fs::exists(directory, error) && !fs::is_directory(directory, error)) {
    return fail(ErrorKind::invalid, fmt::format("{} is not a directory", directory.string()),
                "choose another directory");
  }
  CHECK_OK(make_directories(directory));
  const fs::path state = directory / state_name;
  if (fs::is_directory(fs::symlink_status(state, error))) return {};
  const bool empty = fs::is_empty(directory, error);
  if (error) return fail(ErrorKind::io, fmt::format("cannot read {}: {}", directory.string(), error.message()));
  if (!empty) {
    return fail(ErrorKind::invalid, fmt::format("{} is not empty and not a workspace of ours", directory.string()),
                "choose another directory, or empty this one");
  }
  if (::mkdir(state.c_str(), 0777) != 0 && errno != EEXIST) return tl::make_unexpected(errno_error("create", state));
  return {};
}

// Both functions refuse to write over or through an existing entry: cleaning has removed what was in the way.
Result<FileStamp> write_file(const fs::path& path, bool program, std::string_view bytes) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, program ? 0777 : 0666));
  if (!fd) return tl::make_unexpected(errno_error("create", path));
  CHECK_OK(write_all(fd.get(), bytes, path));
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return tl::make_unexpected(errno_error("write", path));
  return stamp_of(info);
}

Result<FileStamp> write_symlink(const fs::path& path, std::string_view target) {
  struct stat info {};
  const bool made = ::symlink(std::string(target).c_str(), path.c_str()) == 0 && ::lstat(path.c_str(), &info) == 0;
  if (!made) return tl::make_unexpected(errno_error("create the link", path));
  return stamp_of(info);
}

bool is_directory(const TreeEntry& entry) {
  return entry.kind == TreeEntry::Kind::directory || entry.kind == TreeEntry::Kind::submodule;
}

Result<FileStamp> write(const Objects& objects, const fs::path& directory, const TreeEntry& entry) {
  const fs::path path = directory / entry.path;
  FileStamp stamp;
  CHECK_OK(objects.with_blob(entry.id, [&](std::string_view bytes) -> Result<void> {
    const bool link = entry.kind == TreeEntry::Kind::symlink;
    TRY(stamp, link ? write_symlink(path, bytes) : write_file(path, entry.kind == TreeEntry::Kind::program, bytes));
    return {};
  }));
  return stamp;
}

// Write all files on all cores; stop at the first error.
Result<void> write_files(const Objects& objects, const fs::path& directory,
                         const std::vector<const TreeEntry*>& missing, std::vector<FileStamp>& stamps) {
  constexpr std::size_t files_at_once = 16;  // enough to keep the cost of distribution low
  std::mutex mutex;
  std::optional<Error> first_error;
  std::atomic<bool> failed = false;
  stamps.resize(missing.size());
  parallel_for((missing.size() + files_at_once - 1) / files_at_once, [&](std::size_t part) {
    const std::size_t end = std::min(missing.size(), (part + 1) * files_at_once);
    for (std::size_t i = part * files_at_once; i < end && !failed; ++i) {
      auto stamp = write(objects, directory, *missing[i]);
      if (stamp) {
        stamps[i] = *stamp;
        continue;
      }
      const std::lock_guard lock(mutex);
      if (!failed.exchange(true)) first_error = std::move(stamp).error();
    }
  });
  if (first_error) return tl::make_unexpected(std::move(*first_error));
  return {};
}

Result<void> check_names(const std::vector<TreeEntry>& wanted, const std::string& sha) {
  for (const TreeEntry& entry : wanted) {
    if (entry.path == state_name) {
      return fail(ErrorKind::invalid,
                  fmt::format("commit {} cannot be checked out: it has a '{}' of its own", sha, state_name));
    }
  }
  return {};
}

// Make the directory equal to the commit, and record it when it is complete.
Result<void> fill(const Objects& objects, const std::string& sha, const fs::path& directory) {
  TRY(const std::vector<TreeEntry> wanted, objects.entries(sha, ""));
  CHECK_OK(check_names(wanted, sha));
  const fs::path record_file = directory / state_name / "index";
  const CheckoutRecord record = CheckoutRecord::load(record_file);
  TRY(const std::vector<bool> right, clean(directory, wanted, record, state_name));

  std::vector<const TreeEntry*> missing;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (right[i]) continue;
    if (!is_directory(wanted[i])) {
      missing.push_back(&wanted[i]);
    } else if (const fs::path path = directory / wanted[i].path; ::mkdir(path.c_str(), 0777) != 0) {
      return tl::make_unexpected(errno_error("create the directory", path));
    }
  }
  std::vector<FileStamp> stamps;
  CHECK_OK(write_files(objects, directory, missing, stamps));

  std::vector<CheckedOutFile> files;
  files.reserve(wanted.size());
  std::size_t written = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (is_directory(wanted[i])) continue;
    const FileStamp stamp = right[i] ? record.find(wanted[i].path)->stamp : stamps[written++];
    files.push_back({wanted[i].path, wanted[i].id, wanted[i].kind, stamp});
  }
  if (missing.empty() && files.size() == record.size()) return {};
  return CheckoutRecord::save(record_file, files);
}

}  // namespace

Result<Workspace> Workspace::checkout(const Mirror& mirror, const std::string& sha, const fs::path& directory) {
  std::error_code error;
  const fs::path whole = fs::absolute(directory, error).lexically_normal();
  if (error) return fail(ErrorKind::io, fmt::format("cannot find {}: {}", directory.string(), error.message()));
  TRY(const auto objects, mirror.objects());
  TRY(const std::string commit, objects->commit_of(sha));
  CHECK_OK(claim(whole));
  TRY(FileLock lock, FileLock::try_take(whole / state_name / "lock"));
  CHECK_OK(fill(*objects, commit, whole));
  return Workspace(std::move(lock), whole, commit);
}

}  // namespace spyre::git
