// SPDX-License-Identifier: Apache-2.0
// The real worker pool: one loop over the pipes and pidfds of all workers, in one thread.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/core/clock.hpp"
#include "agent/execute/capped_log.hpp"
#include "agent/execute/frame.hpp"
#include "agent/execute/signals.hpp"
#include "agent/execute/worker_pool.hpp"
#include "agent/process/kill_tree.hpp"
#include "agent/process/process.hpp"

namespace spyre::execute {

// How a worker is started. The pool adds `--commands FD --events FD` to the arguments and opens the three pipes.
struct WorkerLaunch {
  process::ProcessOptions process;
  std::string mark;           // an environment entry that identifies its processes
  std::filesystem::path log;  // log of its output, without ".log"; empty: none
  std::uint64_t log_limit = 0;
};

class ProcessPool final : public WorkerPool {
 public:
  using Launcher = std::function<Result<WorkerLaunch>(WorkerId worker, const std::vector<int>& cards)>;
  // Called for each process that leads a session, as soon as it is known: workers and their children.
  using LeaderStarted = std::function<void(pid_t pid)>;

  struct Options {
    Launcher launch;
    LeaderStarted leader_started;          // may be empty
    std::uint64_t memory_limit = 0;        // bytes; if set, WorkerMemory reports a worker's use twice a second
    std::uint64_t text_limit = most_text;  // the limit given to workers; longer texts are cut
  };

  // `clock` and `signals` outlive the pool. The agent becomes the reaper of its orphaned descendants.
  ProcessPool(Options options, const Clock& clock, Signals& signals);
  ProcessPool(const ProcessPool&) = delete;
  ProcessPool& operator=(const ProcessPool&) = delete;
  // Kills the remaining processes and waits for them.
  ~ProcessPool() override;

  Result<void> start(WorkerId id, const std::vector<int>& cards) override;
  void send(WorkerId id, const Command& command) override;
  void signal(WorkerId id, int pid, int signal) override;
  void kill(WorkerId id) override;
  PoolEvent wait(SteadyTime deadline) override;

 private:
  struct Worker;
  enum class Watched { commands, output, events, exit, kill_tree, signals };
  struct Watch {
    Watched what;
    WorkerId worker;
  };

  void poll_once(SteadyTime deadline);
  void look_at(const Watch& watch);
  void read_output(Worker& worker);
  void read_events(Worker& worker);
  void flush_commands(Worker& worker);
  void take_frames(Worker& worker);
  void exited(Worker& worker);
  void stop_requested(const Signals::Arrived& arrived);
  void begin_kill_tree(Worker& worker);
  void kill_tree(Worker& worker, SteadyTime now);
  std::set<pid_t> strays() const;
  bool is_own_child(const Worker& worker, pid_t pid) const;
  void measure_memory(SteadyTime now);
  void look_at_captured(SteadyTime now);

  Options m_options;
  const Clock& m_clock;
  Signals& m_signals;
  std::map<WorkerId, std::unique_ptr<Worker>> m_workers;
  std::deque<PoolEvent> m_events;
  std::set<pid_t> m_children_before;  // children of the agent before the first worker
  SteadyTime m_next_measurement{}, m_next_look{};
  StopRule m_stop_rule;
  bool m_stopping = false;
};

}  // namespace spyre::execute
