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

// Error with the meaning of errno: not_found, busy or io, "cannot <what> <path>: <reason>".
Error errno_error(std::string_view what, const std::filesystem::path& path);

// A whole file. Files larger than `limit` bytes are refused. Error: not_found, io, invalid (too large).
Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit = std::uint64_t{1} << 30);
// Replaces the file in one step: it has the old text or the new one, never a part. Makes missing directories. Error:
// io.
Result<void> write_file(const std::filesystem::path& path, std::string_view text);
// Writes where a user asked for output: into a device or a pipe, or else as write_file does, behind links. Error:
// not_found, io.
Result<void> write_output(const std::filesystem::path& path, std::string_view text);
// Writes all of it, whatever the kernel takes at once. `path` is for the error. Error: io.
Result<void> write_all(int fd, std::string_view text, const std::filesystem::path& path);
// As write_file, for what can be made again: does not wait for the disk, and makes no directories. Error: not_found (no
// such directory), io.
Result<void> replace_file(const std::filesystem::path& path, std::string_view text);
// Error: io.
Result<void> make_directories(const std::filesystem::path& path);

// An append-only file of lines. A line is written with one call, so that a crash leaves at most one torn line, the
// last.
class LineLog {
 public:
  // Opens or creates; a torn last line that a crash left is cut off first. Error: io.
  static Result<LineLog> open(const std::filesystem::path& path);
  // Error: io.
  Result<void> append(std::string_view line);
  // Waits until everything is on the disk. Error: io.
  Result<void> sync();

 private:
  LineLog(UniqueFd fd, std::filesystem::path path) : m_fd(std::move(fd)), m_path(std::move(path)) {}
  UniqueFd m_fd;
  std::filesystem::path m_path;
};

// An exclusive lock on a file (flock), held until destroyed or until the process ends, however it ends.
class FileLock {
 public:
  // Takes the lock or says who has it. Error: busy (another process holds it), io.
  static Result<FileLock> try_take(const std::filesystem::path& path);
  // Waits for the lock. Error: io.
  static Result<FileLock> take(const std::filesystem::path& path);

 private:
  explicit FileLock(UniqueFd fd) : m_fd(std::move(fd)) {}
  UniqueFd m_fd;
};

// A fresh directory that goes away with this object.
class TemporaryDirectory {
 public:
  // Error: io.
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
