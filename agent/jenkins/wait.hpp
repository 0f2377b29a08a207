// SPDX-License-Identifier: Apache-2.0
// Waiting for a build: what is asked, how often, and when it is enough.
#pragma once

#include <functional>
#include <string>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"
#include "agent/jenkins/controller.hpp"

namespace spyre::jenkins {

struct Waiting {
  Seconds poll{5};         // between two questions
  Seconds timeout{21600};  // until what is waited for has happened
  Seconds outage{600};     // so long a controller may be out of reach: it restarts now and then
};

// Waits so long; false when it was interrupted.
using Pause = std::function<bool(Seconds)>;

// Until the item has become a build, whose address is the value. Error: infra (cancelled; or the controller out of
// reach, or not started in time, then it is taken out of the queue), interrupted (taken out too), and those of
// Controller.
Result<std::string> wait_for_start(Controller& controller, const std::string& queue_url, const Waiting& waiting,
                                   const Clock& clock, const Pause& pause);

// Until the build has ended. Error: infra (out of reach, or not ended in time, then it is stopped), interrupted
// (stopped too), and those of Controller.
Result<Build> wait_for_end(Controller& controller, const std::string& build_url, const Waiting& waiting,
                           const Clock& clock, const Pause& pause);

// 0 for SUCCESS, 1 for UNSTABLE, 3 for all others: the program's exit codes.
int exit_code_of(const Build& build);

}  // namespace spyre::jenkins
