// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>
#include <memory>
#include <optional>

#include <sys/types.h>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"

namespace spyre::execute {

// SIGTERM and SIGINT end the program from now on, although it may have been started with them ignored, as Jenkins does.
// For the time before Signals::take(), when nothing has been written yet.
void restore_default_signal_handlers();

// While it lives, SIGTERM, SIGINT and SIGHUP end nothing but can be read here; SIGINT and SIGTERM also when the program
// was started with them ignored, as Jenkins does. A SIGHUP that was ignored stays so (nohup). SIGPIPE and SIGXFSZ are
// ignored: what they tell is the error of a write, too. Before other threads are started, or they would take the
// signals.
//
// A thread of its own waits for them: who sent one can be told only as long as the sender is there, and a second one of
// the same number is lost until the first was read.
class Signals {
 public:
  // Error: infra.
  static Result<Signals> take();
  Signals(Signals&& other) noexcept;
  Signals& operator=(Signals&&) = delete;
  ~Signals();

  enum class Sender {
    elsewhere,   // a user, the system, this process itself, or what cannot be seen from here (a container's runtime)
    descendant,  // a process that this one has started, directly or not
    gone,        // it has ended and cannot be told any more
  };
  struct Arrived {
    int signal = 0;
    pid_t pid = 0;  // of the sender; 0: the kernel, or a process that cannot be seen from here
    Sender sender = Sender::elsewhere;
  };
  // Becomes readable when a signal has come: for poll().
  int fd() const;
  // The next signal that came, if one did.
  std::optional<Arrived> next();

 private:
  struct State;
  explicit Signals(std::unique_ptr<State> state);
  std::unique_ptr<State> m_state;
};

// Whether a signal stops the run. Pure but for what it remembers.
class StopRule {
 public:
  // `tests_run`: a test may have sent it.
  bool stops(Signals::Sender sender, bool tests_run, SteadyTime now);

 private:
  std::optional<SteadyTime> m_last_gone;
};

}  // namespace spyre::execute
