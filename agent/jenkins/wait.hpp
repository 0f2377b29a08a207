// SPDX-License-Identifier: Apache-2.0
// Waits for a build by polling the controller.
#pragma once

#include <functional>
#include <string>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"
#include "agent/jenkins/controller.hpp"

namespace spyre::jenkins {

struct Waiting {
  Seconds poll{5};         // between two requests
  Seconds timeout{21600};  // for the expected event
  Seconds outage{600};     // maximum time without a response: controllers restart now and then
};

// Wait for a time. Return false when interrupted.
using Pause = std::function<bool(Seconds)>;

// Wait until a queue item becomes a build, and return the address of the build. Error: infra (cancelled; the controller
// is unreachable; not started in time: then the item is removed from the queue), interrupted (removed, too), and those
// of Controller.
Result<std::string> wait_for_start(Controller& controller, const std::string& queue_url, const Waiting& waiting,
                                   const Clock& clock, const Pause& pause);

// Wait until a build ends. Error: infra (the controller is unreachable; not ended in time: then the build is stopped),
// interrupted (stopped, too), and those of Controller.
Result<Build> wait_for_end(Controller& controller, const std::string& build_url, const Waiting& waiting,
                           const Clock& clock, const Pause& pause);

// Return the program's exit code: 0 for SUCCESS, 1 for UNSTABLE, 3 for all others.
int exit_code_of(const Build& build);

}  // namespace spyre::jenkins
