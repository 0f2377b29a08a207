// SPDX-License-Identifier: Apache-2.0
// What is known of a run's stack, for people.
#pragma once

#include <string>

#include "agent/results/stack.hpp"

namespace spyre::report {

// Whether the installed torch is the one whose tests are run, in one sentence.
std::string torch_match_line(const results::Stack& stack);
// What the tests ran with: "torch 2.6.0 (1a2b3c4d5e6f), torch_spyre 0.3, firmware 1.2, Python 3.11.2, pytest 8.3".
std::string stack_line(const results::Stack& stack);
// Where they ran: "node7, x86_64, Linux 6.1.0, image registry/spyre:1, cards spyre (0000:1a:00.0)".
std::string host_line(const results::Host& host);
// "torch_spyre 0.3 → 0.4"; git revisions are shortened.
std::string stack_change_text(const results::StackChange& change);
// That a run is continued with another stack than it was started with, in one sentence.
std::string changed_stack_line(const results::Stack& before, const results::Stack& now);

}  // namespace spyre::report
