// SPDX-License-Identifier: Apache-2.0
#include "agent/process/cgroup.hpp"

#include <charconv>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "agent/core/files.hpp"
#include "agent/core/text.hpp"

namespace spyre::process {

namespace fs = std::filesystem;

namespace {

// The files of a group take one value with one write() and must not be replaced.
bool set_value(const fs::path& file, std::string_view value) {
  const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  return fd && ::write(fd.get(), value.data(), value.size()) == static_cast<ssize_t>(value.size());
}

// Return the groups beneath a directory, itself first.
std::vector<fs::path> groups_of(const fs::path& group) {
  std::vector<fs::path> groups{group};
  std::error_code error;
  for (fs::recursive_directory_iterator it(group, error), end; !error && it != end; it.increment(error)) {
    if (it->is_directory(error)) groups.push_back(it->path());
  }
  return groups;
}

// Return the mount point of cgroup v2, from a line of /proc/self/mountinfo: "36 35 0:30 / /sys/fs/cgroup rw - cgroup2
// cgroup2 rw".
std::string mount_point() {
  const auto text = read_file("/proc/self/mountinfo");
  if (!text) return {};
  for (const std::string_view line : split(*text, '\n')) {
    const std::size_t dash = line.find(" - ");
    if (dash == std::string_view::npos || !line.substr(dash + 3).starts_with("cgroup2 ")) continue;
    const auto fields = split(line, ' ');
    if (fields.size() > 4) return std::string(fields[4]);
  }
  return {};
}

// Return the agent's own group, from the line "0::/path" of /proc/self/cgroup; empty if there is none.
fs::path own_group() {
  const std::string mount = mount_point();
  const auto text = read_file("/proc/self/cgroup");
  if (mount.empty() || !text) return {};
  for (const std::string_view line : split(*text, '\n')) {
    if (line.starts_with("0::/")) return fs::path(mount) / std::string(line.substr(4));
  }
  return {};
}

}  // namespace

std::vector<pid_t> cgroup_members(const fs::path& group) {
  std::vector<pid_t> members;
  for (const fs::path& each : groups_of(group)) {
    const auto text = read_file(each / "cgroup.procs");
    if (!text) continue;
    for (const std::string_view line : split(*text, '\n')) {
      pid_t pid = 0;
      std::from_chars(line.data(), line.data() + line.size(), pid);
      if (pid > 0) members.push_back(pid);  // 0: a process of a namespace that cannot be seen from here
    }
  }
  return members;
}

bool remove_cgroup(const fs::path& group) {
  set_value(group / "cgroup.kill", "1");
  const std::vector<fs::path> groups = groups_of(group);
  for (auto each = groups.rbegin(); each != groups.rend(); ++each) ::rmdir(each->c_str());
  std::error_code error;
  return !fs::exists(group, error);
}

bool is_cgroup(const fs::path& directory) {
  struct statfs status {};
  return ::statfs(directory.c_str(), &status) == 0 && status.f_type == CGROUP2_SUPER_MAGIC;
}

Result<std::unique_ptr<RunCgroup>> RunCgroup::create(std::string_view setting, const std::string& name) {
  if (setting == "off") return nullptr;
  const bool automatic = setting == "auto";
  const fs::path parent = automatic ? own_group() : fs::path(setting);
  std::error_code error;
  const fs::path directory = parent / name;
  // An existing group was left by an agent that died; its processes were ended before.
  if (is_cgroup(parent)) fs::create_directory(directory, error);
  if (!is_cgroup(parent) || error) {
    if (automatic) return nullptr;
    return fail(
        ErrorKind::config,
        fmt::format("execute.cgroup: no control group can be made in {}{}", parent.string(),
                    error ? ": " + error.message() : ", which is not one itself"),
        "give a directory of cgroup v2 that the agent's user owns (systemd: Delegate=yes), or `auto`, or `off`");
  }
  // A directory that the configuration names may be configured; the agent's own group may not.
  if (!automatic) set_value(parent / "cgroup.subtree_control", "+memory");
  set_value(directory / "cgroup.subtree_control", "+memory");
  return std::unique_ptr<RunCgroup>(new RunCgroup(directory));
}

RunCgroup::~RunCgroup() {
  remove_cgroup(m_directory);
}

Result<fs::path> RunCgroup::add(const std::string& name, std::uint64_t memory_limit) const {
  const fs::path group = m_directory / name;
  std::error_code error;
  if (fs::create_directory(group, error); error) {
    return fail(ErrorKind::io, fmt::format("cannot make the control group {}: {}", group.string(), error.message()));
  }
  if (memory_limit > 0) set_value(group / "memory.max", std::to_string(memory_limit));
  return group;
}

}  // namespace spyre::process
