// SPDX-License-Identifier: Apache-2.0
// The directory of one run, locked from before the first byte is written into it until the program ends.
#pragma once

#include <filesystem>
#include <utility>
#include <vector>

#include "agent/core/files.hpp"
#include "agent/core/result.hpp"

namespace spyre::results {

// run.json is the last document that is written before a run begins: from then on the run can be resumed. Until then
// the directory can be taken for a new run again, however the program ended.
class RunDirectory {
 public:
  // Makes the directory, or takes one that is empty or holds only what a run wrote that did not begin, which is
  // removed. Error: usage (it holds a run, or files of others: nothing is touched), busy (another agent is at work in
  // it), io.
  static Result<RunDirectory> create(const std::filesystem::path& asked);
  // That of a run which can be resumed. Error: not_found (no such directory), usage (the run did not begin), busy, io.
  static Result<RunDirectory> open(const std::filesystem::path& asked);

  const std::filesystem::path& path() const { return m_path; }  // absolute
  // Removes what a run that did not begin has written, and the directories that create() made for it. What others put
  // there stays.
  void discard();
  // Checks that this directory still lies at its path. Error: infra, with the new path in the hint.
  Result<void> check() const;

 private:
  RunDirectory(std::filesystem::path path, FileLock lock, UniqueFd fd)
      : m_path(std::move(path)), m_lock(std::move(lock)), m_fd(std::move(fd)) {}
  static Result<RunDirectory> lock(const std::filesystem::path& path);

  std::filesystem::path m_path;
  FileLock m_lock;
  UniqueFd m_fd;                              // of the directory
  std::vector<std::filesystem::path> m_made;  // by create(), the deepest first
};

}  // namespace spyre::results
