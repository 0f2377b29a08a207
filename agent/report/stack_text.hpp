// SPDX-License-Identifier: Apache-2.0
// What is known of a run's stack, for people.
#pragma once

#include <string>

#include "agent/results/stack.hpp"

namespace spyre::report {

// Whether the installed torch is the one whose tests are run, in one sentence.
std::string torch_match_line(const results::Stack& stack);
// That a run is continued with another stack than it was started with, in one sentence.
std::string changed_stack_line(const results::Stack& before, const results::Stack& now);

}  // namespace spyre::report
