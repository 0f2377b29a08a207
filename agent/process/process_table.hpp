// SPDX-License-Identifier: Apache-2.0
// The machine's processes, from /proc, and which of them belong together.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "agent/core/result.hpp"

namespace spyre::process {

struct ProcessInfo {
  pid_t pid = 0;
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
  char state = '?';           // 'Z': it has ended and was not waited for, or only its first thread has
  std::uint64_t started = 0;  // clock ticks since the machine's start: distinguishes processes with the same number
  int threads = 1;

  bool has_ended() const { return state == 'X' || (state == 'Z' && threads <= 1); }
};

// Check that the machine shows its processes: otherwise processes that a test leaves behind cannot be found. Error:
// infra.
Result<void> check_process_table();
// Parse one line of /proc/<pid>/stat; return pid 0 if it is malformed.
ProcessInfo parse_stat(std::string_view line);
// Return all processes of the machine. Processes that end meanwhile may be missing.
std::vector<ProcessInfo> list_processes();
// Return one process; its pid is 0 if it does not exist.
ProcessInfo find_process(pid_t pid);
// Return the processes with an environment entry that begins so; the environment is that of the program's start.
std::vector<pid_t> with_environment(const std::vector<ProcessInfo>& processes, std::string_view entry_start);
// Return the processes, except this one, whose working directory or open files are in a directory, deleted files
// included.
std::vector<pid_t> users_of(const std::filesystem::path& directory);
// Return `roots` and all of their descendants, as far as they are in `processes`.
std::set<pid_t> descendants(const std::vector<ProcessInfo>& processes, const std::set<pid_t>& roots);

// Return the bytes of memory that these processes use together. Below `limit` the result is a cheap upper bound, which
// counts shared memory more than once; above it, the result is exact.
std::uint64_t memory_of(const std::set<pid_t>& processes, std::uint64_t limit);

}  // namespace spyre::process
