// SPDX-License-Identifier: Apache-2.0
// The seam between decisions and processes: everything above is values, everything below is the operating system. A
// fake of it is a few dozen lines.
#pragma once

#include <csignal>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"
#include "agent/execute/message.hpp"

namespace spyre::execute {

// Numbers the workers of a run as they are started, from 0; a worker that replaces another has a number of its own.
using WorkerId = int;

// What a worker's events pipe said.
struct WorkerSaid {
  WorkerId worker = 0;
  Event event;
};
// What came on its standard output or standard error. Without a text: something was printed that pytest keeps to
// itself.
struct WorkerPrinted {
  WorkerId worker = 0;
  std::string text;
};
// It could not be started: the machine gives no process, no file or no room. The only word about this worker.
struct WorkerRefused {
  WorkerId worker = 0;
  std::string message;
};
// Its events cannot be read any more: kill it.
struct WorkerGarbled {
  WorkerId worker = 0;
  std::string why;
};
// It is gone, and with it every process that came from it. The last word about a worker.
struct WorkerGone {
  WorkerId worker = 0;
  process::ExitStatus status;
  int left = 0;   // processes that outlived it and had to be ended
  int stuck = 0;  // of these, or it: not even SIGKILL has ended them, the cards they hold are still busy
};
// How much memory the processes of a worker use; told now and then when memory is watched.
struct WorkerMemory {
  WorkerId worker = 0;
  std::uint64_t bytes = 0;
};
// The agent itself was asked to stop.
struct StopRequested {
  int signal = 0;
};
// A signal that does not stop the run: a test sent it, or may have sent it.
struct SignalIgnored {
  int signal = 0;
  int pid = 0;           // of the sender
  bool is_gone = false;  // the sender cannot be identified; a second such signal within 5 s stops the run
};
// Nothing happened until the deadline.
struct DeadlinePassed {};

using PoolEvent = std::variant<WorkerSaid, WorkerPrinted, WorkerRefused, WorkerGarbled, WorkerGone, WorkerMemory,
                               StopRequested, SignalIgnored, DeadlinePassed>;

// Makes a worker print its Python stacks.
inline constexpr int stacks_signal = SIGUSR1;

class WorkerPool {
 public:
  virtual ~WorkerPool() = default;
  // Starts a worker for these cards. It says hello, or it is gone. Error: as Process::start, and the launcher's; none
  // of them says anything of the cards.
  virtual Result<void> start(WorkerId worker, const std::vector<int>& cards) = 0;
  // To a worker that is not there any more: nothing happens.
  virtual void send(WorkerId worker, const Command& command) = 0;
  // To the process group `pid` of a worker, stacks_signal to its leader alone; ignored unless the process descends from
  // the worker.
  virtual void signal(WorkerId worker, int pid, int signal) = 0;
  // Ends all its processes at once; WorkerGone follows.
  virtual void kill(WorkerId worker) = 0;
  // The next event, or DeadlinePassed when none has come by then.
  virtual PoolEvent wait(SteadyTime deadline) = 0;
};

}  // namespace spyre::execute
