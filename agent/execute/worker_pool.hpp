// SPDX-License-Identifier: Apache-2.0
// The seam between decisions and processes: everything above is values, everything below is the operating system. A
// fake of it takes a few dozen lines.
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

// Numbers the workers of a run as they are started, from 0; a worker that replaces another gets a new number.
using WorkerId = int;

// A message on a worker's events pipe.
struct WorkerSaid {
  WorkerId worker = 0;
  Event event;
};
// Output on its standard output or standard error. Empty: a test printed text that pytest's capture holds back.
struct WorkerPrinted {
  WorkerId worker = 0;
  std::string text;
};
// The worker could not be started: the machine refused a process, a file or space. The only event of this worker.
struct WorkerRefused {
  WorkerId worker = 0;
  std::string message;
};
// Its events are unreadable: kill it.
struct WorkerGarbled {
  WorkerId worker = 0;
  std::string why;
};
// The worker is gone, with every process that it started. The last event of a worker.
struct WorkerGone {
  WorkerId worker = 0;
  process::ExitStatus status;
  int left = 0;   // processes that outlived it and had to be ended
  int stuck = 0;  // of these, or the worker itself: SIGKILL did not end them; the cards they hold are still busy
};
// Memory used by the processes of a worker; sent regularly while memory is watched.
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
  // Start a worker for these cards. It sends `hello` or is reported as gone. Error: as Process::start, and the
  // launcher's; none of them says anything about the cards.
  virtual Result<void> start(WorkerId worker, const std::vector<int>& cards) = 0;
  // Send a command. Does nothing if the worker is gone.
  virtual void send(WorkerId worker, const Command& command) = 0;
  // Send a signal to the process group `pid` of a worker, stacks_signal to its leader alone; ignored unless the process
  // descends from the worker.
  virtual void signal(WorkerId worker, int pid, int signal) = 0;
  // End all its processes at once; WorkerGone follows.
  virtual void kill(WorkerId worker) = 0;
  // Return the next event, or DeadlinePassed if none has come by then.
  virtual PoolEvent wait(SteadyTime deadline) = 0;
};

}  // namespace spyre::execute
