// SPDX-License-Identifier: Apache-2.0
// The signal handling of every child between fork and exec.
#pragma once

#include <csignal>

namespace spyre::process {

// Restore the default handler of every signal and unblock all. Calls only functions that are safe in a signal handler
// (POSIX.1-2017, 2.4.3), so that a child may call it before exec.
inline void restore_default_signal_handlers() {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &standard, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace spyre::process
