// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/git/objects.hpp"
#include "agent/job/run_history.hpp"

namespace spyre::job {

// Test id → how often it began to fail when some of these files were changed, [0, 1], by the runs in the history whose
// commits `objects` has. A history that cannot be read costs a warning.
std::map<std::string, double> past_failures(const std::vector<std::string>& changed, const git::Objects& objects,
                                            RunHistory& earlier);

}  // namespace spyre::job
