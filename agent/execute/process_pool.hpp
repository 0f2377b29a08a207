// SPDX-License-Identifier: Apache-2.0
// The worker pool that is real: one loop over the pipes and pidfds of all workers, in one thread.
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

// How a worker is started. The pool adds `--commands FD --events FD` to the arguments and the three pipes.
struct WorkerLaunch {
  process::ProcessOptions process;
  std::string mark;           // an entry of its environment by which its processes are known
  std::filesystem::path log;  // for what it prints, without ".log"; empty: nowhere
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
    std::uint64_t memory_limit = 0;        // bytes; when set, WorkerMemory tells twice a second what a worker uses
    std::uint64_t text_limit = most_text;  // as workers are told; what is longer is cut
  };

  // `clock` and `signals` outlive it. The agent becomes the reaper of orphans beneath it.
  ProcessPool(Options options, const Clock& clock, Signals& signals);
  ProcessPool(const ProcessPool&) = delete;
  ProcessPool& operator=(const ProcessPool&) = delete;
  // Kills what is left and waits for it.
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
  std::set<pid_t> m_children_before;  // of the agent, when there was no worker
  SteadyTime m_next_measurement{}, m_next_look{};
  StopRule m_stop_rule;
  bool m_stopping = false;
};

}  // namespace spyre::execute
