// SPDX-License-Identifier: Apache-2.0
#include "agent/process/process_table.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <memory>
#include <system_error>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "agent/core/files.hpp"
#include "agent/core/text.hpp"

namespace spyre::process {

namespace {

// Files of /proc report no size: they are read until they end.
std::string read_proc(pid_t pid, std::string_view name) {
  const UniqueFd fd(::open(fmt::format("/proc/{}/{}", pid, name).c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 4096> buffer{};
  while (fd) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

// The environment as it was when the program was started.
std::string environment_of(const ProcessInfo& process) {
  // A first thread that has ended has no environment any more.
  if (process.state != 'Z' || process.has_ended()) return read_proc(process.pid, "environ");
  std::error_code gone;
  for (const auto& thread : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", process.pid), gone)) {
    const std::string name = fmt::format("task/{}/environ", thread.path().filename().string());
    if (std::string environment = read_proc(process.pid, name); !environment.empty()) return environment;
  }
  return {};
}

template <typename Number>
Number number(std::string_view text) {
  Number value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

ProcessInfo parse_stat(std::string_view line) {
  // "pid (name) S ppid pgrp session …": the name may hold spaces and brackets, so the last ')' ends it.
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string_view::npos || name_end + 2 > line.size()) return {};
  const auto fields = split(line.substr(name_end + 2), ' ');
  if (fields.size() < 20 || fields[0].empty()) return {};
  return {number<pid_t>(line), number<pid_t>(fields[1]),          number<pid_t>(fields[2]), number<pid_t>(fields[3]),
          fields[0].front(),   number<std::uint64_t>(fields[19]), number<int>(fields[17])};
}

Result<void> check_process_table() {
  if (find_process(::getpid()).pid == ::getpid()) return {};
  const UniqueFd fd(::open("/proc/self/stat", O_RDONLY | O_CLOEXEC));
  const std::string why =
      fd ? "it shows other processes than those that are here" : std::generic_category().message(errno);
  return fail(ErrorKind::infra, fmt::format("/proc cannot be used: {}", why),
              "mount it: mount -t proc proc /proc; a container has to have its own");
}

ProcessInfo find_process(pid_t pid) {
  return parse_stat(read_proc(pid, "stat"));
}

std::vector<ProcessInfo> list_processes() {
  std::vector<ProcessInfo> processes;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir("/proc"), ::closedir);
  if (directory == nullptr) return processes;
  while (const dirent* entry = ::readdir(directory.get())) {
    const auto pid = number<pid_t>(static_cast<const char*>(entry->d_name));
    if (pid <= 0) continue;
    if (const ProcessInfo info = find_process(pid); info.pid == pid) processes.push_back(info);
  }
  return processes;
}

std::vector<pid_t> with_environment(const std::vector<ProcessInfo>& processes, std::string_view entry_start) {
  std::vector<pid_t> found;
  for (const ProcessInfo& process : processes) {
    const std::string environment = environment_of(process);
    const auto entries = split(environment, '\0');
    const bool carries = std::any_of(entries.begin(), entries.end(),
                                     [&](std::string_view entry) { return entry.starts_with(entry_start); });
    if (carries) found.push_back(process.pid);
  }
  return found;
}

std::vector<pid_t> users_of(const std::filesystem::path& directory) {
  namespace fs = std::filesystem;
  const std::string inside = directory.string() + "/";
  const auto leads_inside = [&](const fs::path& link) {
    std::error_code gone;
    const std::string target = fs::read_symlink(link, gone).string();
    return !gone && (target.starts_with(inside) || target == directory);
  };
  std::vector<pid_t> found;
  for (const ProcessInfo& process : list_processes()) {
    if (process.pid == ::getpid()) continue;
    const fs::path own = fmt::format("/proc/{}", process.pid);
    bool uses = leads_inside(own / "cwd");
    std::error_code gone;
    for (fs::directory_iterator it(own / "fd", gone), end; !uses && !gone && it != end; it.increment(gone)) {
      uses = leads_inside(it->path());
    }
    if (uses) found.push_back(process.pid);
  }
  return found;
}

std::set<pid_t> descendants(const std::vector<ProcessInfo>& processes, const std::set<pid_t>& roots) {
  std::set<pid_t> family;
  for (const ProcessInfo& process : processes) {
    if (roots.contains(process.pid)) family.insert(process.pid);
  }
  // Parents may have higher numbers than their children: repeat until no process is added.
  for (bool grown = true; grown;) {
    grown = false;
    for (const ProcessInfo& process : processes) {
      if (family.contains(process.parent)) grown = family.insert(process.pid).second || grown;
    }
  }
  return family;
}

std::uint64_t memory_of(const std::set<pid_t>& processes, std::uint64_t limit) {
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  std::uint64_t resident = 0;
  for (const pid_t pid : processes) {
    const std::string sizes = read_proc(pid, "statm");  // "total resident shared …", in pages
    const auto fields = split(sizes, ' ');
    if (fields.size() > 1) resident += number<std::uint64_t>(fields[1]) * page;
  }
  if (resident <= limit) return resident;
  std::uint64_t proportional = 0;
  for (const pid_t pid : processes) {
    const std::string rollup = read_proc(pid, "smaps_rollup");  // "Pss:     1234 kB"
    const std::size_t line = rollup.find("\nPss:");
    if (line != std::string::npos) proportional += number<std::uint64_t>(trim(rollup.substr(line + 5))) * 1024;
  }
  return proportional > 0 ? proportional : resident;
}

}  // namespace spyre::process
