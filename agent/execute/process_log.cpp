// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/process_log.hpp"

#include <map>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "agent/core/json.hpp"
#include "agent/core/log.hpp"
#include "agent/core/remove_tree.hpp"
#include "agent/core/text.hpp"
#include "agent/execute/environment.hpp"
#include "agent/process/cgroup.hpp"
#include "agent/process/process_table.hpp"

namespace spyre::execute {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

fs::path log_path(const fs::path& run_dir) {
  return run_dir / "worker" / "processes.jsonl";
}

// Process numbers and start times are valid until the machine is restarted.
std::string boot_id() {
  return std::string(trim(read_file("/proc/sys/kernel/random/boot_id").value_or("")));
}

struct LogEntries {
  std::map<pid_t, std::uint64_t> leaders;  // pid → when it started
  std::vector<fs::path> directories;
  fs::path cgroup;
};

LogEntries read_log(const std::string& text) {
  LogEntries found;
  const std::string boot = boot_id();
  for (const std::string_view line : split(text, '\n')) {
    const json entry = parse_json_or_discard(line);  // a torn last line is not an entry
    if (!entry.is_object()) continue;
    if (entry.contains("folder")) found.directories.emplace_back(entry.value("folder", ""));
    if (entry.contains("cgroup")) found.cgroup = entry.value("cgroup", "");
    if (entry.contains("pid") && entry.value("boot", "") == boot) {
      found.leaders[entry.value("pid", 0)] = entry.value("started", std::uint64_t{0});
    }
  }
  return found;
}

// Return the members of the sessions, unless the leader's number belongs to another process by now.
std::set<pid_t> members_of(const std::map<pid_t, std::uint64_t>& leaders) {
  std::set<pid_t> members;
  for (const process::ProcessInfo& process : process::list_processes()) {
    const auto leader = leaders.find(process.session);
    if (leader == leaders.end() || process.started < leader->second) continue;
    const process::ProcessInfo now = process::find_process(leader->first);
    if (now.pid == 0 || now.started == leader->second) members.insert(process.pid);
  }
  members.erase(::getpid());
  return members;
}

}  // namespace

Result<ProcessLog> ProcessLog::open(const fs::path& run_dir) {
  CHECK_OK(make_directories(log_path(run_dir).parent_path()));
  TRY(LineLog log, LineLog::open(log_path(run_dir)));
  return ProcessLog(std::move(log));
}

void ProcessLog::append(const json& entry) {
  const auto written = m_log.append(dump_json(entry));
  if (written || std::exchange(m_failed, true)) return;
  log::warning(
      fmt::format("{}; if this run is killed, the next agent may not find its processes", written.error().message));
}

void ProcessLog::add_leader(pid_t pid) {
  const process::ProcessInfo info = process::find_process(pid);
  if (info.pid == pid) append({{"pid", pid}, {"started", info.started}, {"boot", boot_id()}});
}

void ProcessLog::add_cgroup(const fs::path& group) {
  append({{"cgroup", group.string()}});
}

void ProcessLog::add_directory(const fs::path& directory) {
  append({{"folder", directory.string()}});
}

Result<Leftovers> end_leftovers(const fs::path& run_dir, std::string_view run_id,
                                std::chrono::milliseconds time_limit) {
  auto text = read_file(log_path(run_dir));
  if (!text && text.error().kind != ErrorKind::not_found) return tl::make_unexpected(text.error());
  const LogEntries leftovers = read_log(text.value_or(""));
  // Only directories that this program made: a user may have changed the log.
  const bool own_cgroup = leftovers.cgroup.filename() == cgroup_name(run_id) && process::is_cgroup(leftovers.cgroup);
  const process::KilledTree ended = process::kill_tree({members_of(leftovers.leaders),
                                                        {},
                                                        run_mark_entry(run_id),
                                                        ::getpid(),
                                                        own_cgroup ? leftovers.cgroup : fs::path()},
                                                       time_limit);
  if (own_cgroup) process::remove_cgroup(leftovers.cgroup);
  Leftovers found{ended.killed, {}};
  for (const fs::path& directory : leftovers.directories) {
    if (!directory.filename().string().starts_with("spyre-ci-")) continue;
    for (const pid_t pid : process::users_of(directory)) found.seen.push_back(pid);
    remove_tree(directory);
  }
  std::error_code ignored;
  if (text) fs::remove(log_path(run_dir), ignored);
  return found;
}

}  // namespace spyre::execute
