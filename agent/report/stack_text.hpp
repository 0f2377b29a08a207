// SPDX-License-Identifier: Apache-2.0
// Describes the stack of a run for people.
#pragma once

#include <string>

#include "agent/results/stack.hpp"

namespace spyre::report {

// Say in one sentence whether the installed torch is built from the tested revision.
std::string torch_match_line(const results::Stack& stack);
// Describe the software: "torch 2.6.0 (1a2b3c4d5e6f), torch_spyre 0.3, firmware 1.2, Python 3.11.2, pytest 8.3".
std::string stack_line(const results::Stack& stack);
// Describe the host: "node7, x86_64, Linux 6.1.0, image registry/spyre:1, cards spyre (0000:1a:00.0)".
std::string host_line(const results::Host& host);
// Describe a change: "torch_spyre 0.3 → 0.4"; git revisions are shortened.
std::string stack_change_text(const results::StackChange& change);
// Say in one sentence that a run continues with another stack than it was started with.
std::string changed_stack_line(const results::Stack& before, const results::Stack& now);

}  // namespace spyre::report
