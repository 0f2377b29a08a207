// SPDX-License-Identifier: Apache-2.0
// Who is there: the machine's processes, as /proc tells, and which of them belong together.
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
  std::uint64_t started = 0;  // clock ticks since the machine's start: tells two users of one number apart
  int threads = 1;

  bool has_ended() const { return state == 'X' || (state == 'Z' && threads <= 1); }
};

// Whether the machine tells of its processes: without that nothing that a test leaves behind can be found. Error:
// infra.
Result<void> check_process_table();
// One line of /proc/<pid>/stat, or nothing sensible (pid 0) when it is none.
ProcessInfo parse_stat(std::string_view line);
// All processes of the machine. Those that end meanwhile may be missing.
std::vector<ProcessInfo> list_processes();
// What one process is, or pid 0 when there is none.
ProcessInfo find_process(pid_t pid);
// The processes whose environment, as it was when their program was started, has an entry that begins so.
std::vector<pid_t> with_environment(const std::vector<ProcessInfo>& processes, std::string_view entry_start);
// Processes, this one excepted, whose working directory or open files are in a directory, deleted ones included.
std::vector<pid_t> users_of(const std::filesystem::path& directory);
// `roots`, and whoever descends from them, as far as they are in `processes`.
std::set<pid_t> descendants(const std::vector<ProcessInfo>& processes, const std::set<pid_t>& roots);

// Bytes of memory that these processes use together. Below `limit` this is an upper bound that is cheap to have, in
// which what they share is counted more than once; above it, it is exact.
std::uint64_t memory_of(const std::set<pid_t>& processes, std::uint64_t limit);

}  // namespace spyre::process
