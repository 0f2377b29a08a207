// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>
#include <optional>
#include <vector>

#include <sys/types.h>

#include "agent/core/files.hpp"
#include "agent/core/result.hpp"

namespace spyre::execute {

// SIGTERM and SIGINT end the program from now on, although it may have been started with them ignored, as Jenkins does.
// For the time before Signals::take(), when nothing has been written yet.
void hear_signals();

// While it lives, SIGTERM, SIGINT and SIGHUP end nothing but can be read here; SIGINT and SIGTERM also when the program
// was started with them ignored, as Jenkins does. A SIGHUP that was ignored stays so (nohup). SIGPIPE is ignored: a
// worker that died is noticed otherwise. Before other threads are started, or they would take the signals.
class Signals {
 public:
  // Error: infra.
  static Result<Signals> take();
  Signals(Signals&& other) noexcept;
  Signals& operator=(Signals&&) = delete;
  ~Signals();

  // Becomes readable when a signal has come: for poll().
  int fd() const { return m_fd.get(); }
  struct Arrived {
    int signal = 0;
    pid_t sender = 0;  // 0: the kernel, or a process that cannot be seen from here
  };
  // The next signal that came, if one did.
  std::optional<Arrived> next();

 private:
  Signals() = default;
  UniqueFd m_fd;
  sigset_t m_mask_before{};
  struct sigaction m_pipe_before {};
};

}  // namespace spyre::execute
