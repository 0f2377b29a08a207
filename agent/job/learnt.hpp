// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/core/result.hpp"
#include "agent/job/run_history.hpp"
#include "testsel/rank.hpp"

namespace spyre::job {

// Return the history's evidence for the order of tests: how long they take, and which of them passed, with all of their
// cases, when they last ran on Spyre cards. Error: those of reading the history.
Result<testsel::Evidence> learnt_from_history(RunHistory& earlier);

}  // namespace spyre::job
