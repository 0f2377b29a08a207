// SPDX-License-Identifier: Apache-2.0
// Control groups (Linux's cgroup v2, Documentation/admin-guide/cgroup-v2.rst): processes cannot leave one by a new
// session or a cleared environment. If the agent may not create groups, it works without them.
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

// Return the processes of a group and of the groups beneath it; empty if the group does not exist.
std::vector<pid_t> cgroup_members(const std::filesystem::path& group);
// End all processes of a group at once, if the kernel can (Linux 5.14), and remove the group with those beneath it.
// Return whether it is gone: processes take a moment to end.
bool remove_cgroup(const std::filesystem::path& group);
// Return whether the directory is a control group.
bool is_cgroup(const std::filesystem::path& directory);

// The control group of a run, with one group in it for each worker. It is removed with this object.
class RunCgroup {
 public:
  // Create the group of a run. `setting` is `execute.cgroup`: a directory, "auto" or "off". `name` is a file name.
  // Returns an empty pointer if the setting is off, or if it is auto and the agent may not create groups here. Error:
  // config (the named directory cannot be used).
  static Result<std::unique_ptr<RunCgroup>> create(std::string_view setting, const std::string& name);
  ~RunCgroup();
  RunCgroup(const RunCgroup&) = delete;
  RunCgroup& operator=(const RunCgroup&) = delete;

  const std::filesystem::path& directory() const { return m_directory; }
  // Add a group whose processes may together use `memory_limit` bytes (0: no limit), if the kernel's memory controller
  // is available; otherwise the pool's own measurements enforce the limit. Error: io.
  Result<std::filesystem::path> add(const std::string& name, std::uint64_t memory_limit) const;

 private:
  explicit RunCgroup(std::filesystem::path directory) : m_directory(std::move(directory)) {}
  std::filesystem::path m_directory;
};

}  // namespace spyre::process
