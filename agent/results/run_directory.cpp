// SPDX-License-Identifier: Apache-2.0
#include "agent/results/run_directory.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "agent/results/record.hpp"

namespace spyre::results {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view lock_name = "lock";
// The files that a run writes before its journal has a first line, relative to its directory.
constexpr std::array<std::string_view, 7> first_files{
    lock_name, "selection.json", "plan.json", "run.json", "oot-config.yaml", "journal.jsonl", "worker/worker.zip"};
constexpr std::array<std::string_view, 2> first_directories{"worker", "logs"};

// A temporary file such as "plan.json.a1B2c3", which write_file() renames at the end.
bool is_temporary(std::string_view name, std::string_view of) {
  constexpr std::size_t suffix = 7;
  return name.size() == of.size() + suffix && name.starts_with(of) && name[of.size()] == '.' &&
         std::all_of(name.begin() + static_cast<std::ptrdiff_t>(of.size()) + 1, name.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0; });
}

bool is_first_file(std::string_view name) {
  return std::any_of(first_files.begin(), first_files.end(),
                     [&](std::string_view of) { return name == of || is_temporary(name, of); });
}

bool is_own(const fs::directory_entry& entry, const std::string& name) {
  std::error_code error;
  const fs::file_status status = entry.symlink_status(error);
  if (fs::is_directory(status))
    return std::find(first_directories.begin(), first_directories.end(), name) != first_directories.end();
  return fs::is_regular_file(status) && is_first_file(name);
}

// The first file that does not belong to a run that did not begin; else the files to remove, the deepest first.
struct Contents {
  std::vector<fs::path> own;
  std::string foreign;
};

Result<Contents> contents_of(const fs::path& directory) {
  Contents contents;
  std::error_code error;
  for (auto entry = fs::recursive_directory_iterator(directory, error);
       !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().lexically_relative(directory).string();
    if (is_own(*entry, name)) {
      contents.own.push_back(entry->path());
    } else {
      contents.foreign = name;
      return contents;  // nothing will be removed: do not list a large directory
    }
  }
  if (error) return fail(ErrorKind::io, fmt::format("cannot read {}: {}", directory.string(), error.message()));
  std::reverse(contents.own.begin(), contents.own.end());
  return contents;
}

tl::unexpected<Error> not_ours(const fs::path& directory, const std::string& name) {
  return fail(ErrorKind::usage,
              fmt::format("--run-dir {}: the directory is not empty: it holds {}", directory.string(), name),
              "choose another directory: existing results are never overwritten");
}

tl::unexpected<Error> holds_run(const fs::path& directory) {
  return fail(
      ErrorKind::usage, fmt::format("--run-dir {}: the directory is not empty: it holds a run", directory.string()),
      fmt::format("choose another directory, or finish that run with `spyre-ci resume {}`", directory.string()));
}

// Return `path` and the directories above it that are missing, the deepest first.
std::vector<fs::path> missing_directories(fs::path path) {
  std::vector<fs::path> missing;
  std::error_code error;
  for (; !path.empty() && path != path.root_path() && !fs::exists(path, error); path = path.parent_path()) {
    if (path.has_filename()) missing.push_back(path);
  }
  return missing;
}

}  // namespace

Result<RunDirectory> RunDirectory::lock(const fs::path& path) {
  TRY(FileLock lock, FileLock::try_take(path / lock_name));
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return tl::make_unexpected(errno_error("open", path));
  return RunDirectory(path, std::move(lock), std::move(fd));
}

Result<RunDirectory> RunDirectory::create(const fs::path& asked) {
  const fs::path path = fs::absolute(asked).lexically_normal();
  std::vector<fs::path> made = missing_directories(path);
  CHECK_OK(make_directories(path));
  TRY(const Contents before, contents_of(path));
  if (is_begun(path)) return holds_run(path);
  if (!before.foreign.empty()) return not_ours(path, before.foreign);
  // The lock is written first: without it, a file with one of our names belongs to another program.
  std::error_code error;
  if (!before.own.empty() && !fs::exists(path / lock_name, error)) {
    return not_ours(path, before.own.back().lexically_relative(path).string());
  }
  TRY(RunDirectory directory, lock(path));
  directory.m_made = std::move(made);
  // Check the current state: another agent may just have ended.
  TRY(const Contents now, contents_of(path));
  if (is_begun(path)) return holds_run(path);
  if (!now.foreign.empty()) return not_ours(path, now.foreign);
  for (const fs::path& own : now.own) {
    if (own.filename() == lock_name) continue;
    fs::remove(own, error);
    if (error) return fail(ErrorKind::io, fmt::format("cannot remove {}: {}", own.string(), error.message()));
  }
  return directory;
}

void RunDirectory::discard() {
  const auto contents = contents_of(m_path);
  if (!contents || !contents->foreign.empty() || is_begun(m_path)) return;
  std::error_code ignored;  // a new run can take the directory even if a file stays
  for (const fs::path& own : contents->own) fs::remove(own, ignored);
  for (const fs::path& directory : m_made) fs::remove(directory, ignored);
}

Result<RunDirectory> RunDirectory::open(const fs::path& asked) {
  const fs::path path = fs::absolute(asked).lexically_normal();
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    return fail(ErrorKind::not_found, fmt::format("there is no run directory {}", path.string()));
  }
  if (!fs::exists(path / "run.json", error)) {
    return fail(ErrorKind::usage,
                fmt::format("{} does not contain a run that can be resumed: run.json is missing", path.string()),
                "if a run was interrupted there before it began, start it again with the same arguments");
  }
  return lock(path);
}

Result<void> RunDirectory::check() const {
  struct stat ours {};
  struct stat there {};
  const bool stands = ::fstat(m_fd.get(), &ours) == 0 && ::stat(m_path.c_str(), &there) == 0 &&
                      ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
  if (stands) return {};
  std::error_code error;
  const std::string now = fs::read_symlink(fmt::format("/proc/self/fd/{}", m_fd.get()), error).string();
  const bool is_moved = !error && ours.st_nlink > 0 && now != m_path.string();
  return fail(ErrorKind::infra,
              fmt::format("the run directory {} was {} while the run was going on", m_path.string(),
                          is_moved ? "moved" : "removed"),
              is_moved ? fmt::format("finish the run with `spyre-ci resume {}`", now)
                       : "start the run again, in a directory that no other job cleans up");
}

}  // namespace spyre::results
