// SPDX-License-Identifier: Apache-2.0
// Files that survive a crash at any moment: written under a temporary name and renamed, or appended line by line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "agent/core/result.hpp"

namespace spyre {

// Owns a file descriptor.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : m_fd(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(m_fd, other.m_fd);
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  int get() const { return m_fd; }
  explicit operator bool() const { return m_fd >= 0; }
  void reset();

 private:
  int m_fd = -1;
};

// Return an error for errno: not_found, busy or io, "cannot <what> <path>: <reason>".
Error errno_error(std::string_view what, const std::filesystem::path& path);

// Read a whole file of at most `limit` bytes. Error: not_found, io, invalid (too large).
Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit = std::uint64_t{1} << 30);
// Replace the file in one step: it has the old text or the new one, never a part. Creates missing directories. Error:
// io.
Result<void> write_file(const std::filesystem::path& path, std::string_view text);
// Write to the path that a user named for output: directly into a device or a pipe, otherwise as write_file does,
// following links. Error: not_found, io.
Result<void> write_output(const std::filesystem::path& path, std::string_view text);
// Write all of the text, in as many calls as the kernel needs. `path` is for the error. Error: io.
Result<void> write_all(int fd, std::string_view text, const std::filesystem::path& path);
// Replace a file that can be made again: as write_file, but does not wait for the disk and creates no directories.
// Error: not_found (no such directory), io.
Result<void> replace_file(const std::filesystem::path& path, std::string_view text);
// Create a directory and its missing parents. Error: io.
Result<void> make_directories(const std::filesystem::path& path);

// An append-only file of lines. Each line is written with one call, so a crash leaves at most one torn line, the last.
class LineLog {
 public:
  // Open or create the file. Cuts off a torn last line that a crash left. Error: io.
  static Result<LineLog> open(const std::filesystem::path& path);
  // Append a line. Error: io.
  Result<void> append(std::string_view line);
  // Wait until everything is on the disk. Error: io.
  Result<void> sync();

 private:
  LineLog(UniqueFd fd, std::filesystem::path path) : m_fd(std::move(fd)), m_path(std::move(path)) {}
  UniqueFd m_fd;
  std::filesystem::path m_path;
};

// An exclusive lock on a file (flock), held until destroyed or until the process ends, however it ends.
class FileLock {
 public:
  // Take the lock without waiting. Error: busy (another process holds it; the message names it), io.
  static Result<FileLock> try_take(const std::filesystem::path& path);
  // Wait for the lock. Error: io.
  static Result<FileLock> take(const std::filesystem::path& path);

 private:
  explicit FileLock(UniqueFd fd) : m_fd(std::move(fd)) {}
  UniqueFd m_fd;
};

// A new directory that is removed with this object.
class TemporaryDirectory {
 public:
  // Create the directory. Error: io.
  static Result<TemporaryDirectory> create(std::string_view prefix = "spyre-ci-");
  TemporaryDirectory(TemporaryDirectory&& other) noexcept : m_path(std::exchange(other.m_path, {})) {}
  TemporaryDirectory& operator=(TemporaryDirectory&& other) noexcept {
    std::swap(m_path, other.m_path);
    return *this;
  }
  ~TemporaryDirectory();
  const std::filesystem::path& path() const { return m_path; }

 private:
  explicit TemporaryDirectory(std::filesystem::path path) : m_path(std::move(path)) {}
  std::filesystem::path m_path;
};

}  // namespace spyre
