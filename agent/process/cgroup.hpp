// SPDX-License-Identifier: Apache-2.0
// Control groups (Linux's cgroup v2, Documentation/admin-guide/cgroup-v2.rst): a fence around processes that neither a
// new session nor a cleared environment leads out of. Where the agent may not make any, it does without.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "agent/core/result.hpp"

namespace spyre::process {

// Processes of a group and of the groups beneath it; none when there is no such group.
std::vector<pid_t> cgroup_members(const std::filesystem::path& group);
// Ends all of them at once, where the kernel can (Linux 5.14), and removes the group with those beneath it. Whether it
// is gone: processes take a moment to end.
bool remove_cgroup(const std::filesystem::path& group);
// Whether the directory is a control group and no other directory.
bool is_cgroup(const std::filesystem::path& directory);

// The group of a run, with one a worker in it. It is removed with this object.
class RunCgroup {
 public:
  // `setting` is `execute.cgroup`: a directory, "auto" or "off". `name` is a file name. Nothing (an empty pointer) when
  // it is off, or when it is auto and the agent may not make groups here. Error: config, when the directory that is
  // named cannot be used.
  static Result<std::unique_ptr<RunCgroup>> create(std::string_view setting, const std::string& name);
  ~RunCgroup();
  RunCgroup(const RunCgroup&) = delete;
  RunCgroup& operator=(const RunCgroup&) = delete;

  const std::filesystem::path& directory() const { return m_directory; }
  // A new group in it, whose processes may use so much memory together (bytes; 0: no limit) if the kernel's memory
  // controller is at our disposal; the pool's own measurements hold it otherwise. Error: io.
  Result<std::filesystem::path> add(const std::string& name, std::uint64_t memory_limit) const;

 private:
  explicit RunCgroup(std::filesystem::path directory) : m_directory(std::move(directory)) {}
  std::filesystem::path m_directory;
};

}  // namespace spyre::process
