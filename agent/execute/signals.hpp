// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>
#include <memory>
#include <optional>

#include <sys/types.h>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"

namespace spyre::execute {

// Make SIGTERM and SIGINT end the program from now on, even if it was started with them ignored, as Jenkins does. For
// the time before Signals::take(), when nothing has been written yet.
void restore_default_signal_handlers();

// While this object lives, SIGTERM, SIGINT and SIGHUP do not end the program but can be read here; SIGINT and SIGTERM
// also if the program was started with them ignored, as Jenkins does. A SIGHUP that was ignored stays so (nohup).
// SIGPIPE and SIGXFSZ are ignored, because write errors report the same. Create it before other threads, which would
// otherwise take the signals.
//
// A thread of its own waits for them, because a sender can be identified only while it exists, and a second signal of
// the same number is lost until the first was read.
class Signals {
 public:
  // Take over the signals. Error: infra.
  static Result<Signals> take();
  Signals(Signals&& other) noexcept;
  Signals& operator=(Signals&&) = delete;
  ~Signals();

  enum class Sender {
    elsewhere,   // a user, the system, this process itself, or a process that is not visible here (a container's
                 // runtime)
    descendant,  // a process that this one has started, directly or not
    gone,        // it has ended and cannot be identified any more
  };
  struct Arrived {
    int signal = 0;
    pid_t pid = 0;  // of the sender; 0: the kernel, or a process that is not visible here
    Sender sender = Sender::elsewhere;
  };
  // Return a descriptor that becomes readable when a signal has come: for poll().
  int fd() const;
  // Return the next signal, if one has come.
  std::optional<Arrived> next();

 private:
  struct State;
  explicit Signals(std::unique_ptr<State> state);
  std::unique_ptr<State> m_state;
};

// Decides whether a signal stops the run. Pure except for its memory of earlier signals.
class StopRule {
 public:
  // `tests_run`: a test may have sent the signal.
  bool stops(Signals::Sender sender, bool tests_run, SteadyTime now);

 private:
  std::optional<SteadyTime> m_last_gone;
};

}  // namespace spyre::execute
