// SPDX-License-Identifier: Apache-2.0
// The directory of one run. It is locked before the first byte is written into it, until the program ends.
#pragma once

#include <filesystem>
#include <utility>
#include <vector>

#include "agent/core/files.hpp"
#include "agent/core/result.hpp"

namespace spyre::results {

// run.json is the last document written before a run begins: from then on the run can be resumed. Until then a new run
// can take the directory, no matter how the program ended.
class RunDirectory {
 public:
  // Create the directory, or take one that is empty or has only files of a run that did not begin; those are removed.
  // Error: usage (it has a run or other files: they are not touched), busy (another agent works in it), io.
  static Result<RunDirectory> create(const std::filesystem::path& asked);
  // Open the directory of a run that can be resumed. Error: not_found (no such directory), usage (the run did not
  // begin), busy, io.
  static Result<RunDirectory> open(const std::filesystem::path& asked);

  const std::filesystem::path& path() const { return m_path; }  // absolute
  // Remove the files of a run that did not begin, and the directories that create() made for it. Other files stay.
  void discard();
  // Check that this directory is still at its path. Error: infra, with the new path in the hint.
  Result<void> check() const;

 private:
  RunDirectory(std::filesystem::path path, FileLock lock, UniqueFd fd)
      : m_path(std::move(path)), m_lock(std::move(lock)), m_fd(std::move(fd)) {}
  static Result<RunDirectory> lock(const std::filesystem::path& path);

  std::filesystem::path m_path;
  FileLock m_lock;
  UniqueFd m_fd;                              // of the directory
  std::vector<std::filesystem::path> m_made;  // created by create(), the deepest first
};

}  // namespace spyre::results
