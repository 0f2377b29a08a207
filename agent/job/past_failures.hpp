// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/git/objects.hpp"
#include "agent/job/run_history.hpp"

namespace spyre::job {

// Return test id → how often it began to fail when some of these files were changed, [0, 1]. Only runs whose commits
// are in `objects` are used. An unreadable history costs a warning.
std::map<std::string, double> past_failures(const std::vector<std::string>& changed, const git::Objects& objects,
                                            RunHistory& earlier);

}  // namespace spyre::job
