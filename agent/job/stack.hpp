// SPDX-License-Identifier: Apache-2.0
// Determines the stack of a run, and reports problems with it before the first test starts.
#pragma once

#include <string>
#include <vector>

#include "agent/cards/card.hpp"
#include "agent/core/config.hpp"
#include "agent/core/result.hpp"
#include "agent/execute/python.hpp"
#include "agent/job/source.hpp"
#include "agent/results/stack.hpp"

namespace spyre::job {

// Return the versions of the configured Python, and check that it can run tests. Error: config, infra.
Result<execute::PythonVersions> check_python(const Config& config);

// Return the stack of a run with this source, Python and host, as far as it is known before cards are taken. `given`:
// the items of --stack.
results::Stack stack_of(const execute::PythonVersions& python, const Source& source, results::VersionsByName given);
// Add the taken cards to the stack.
void add_cards(results::Stack& stack, const std::vector<cards::Card>& cards);

// Check the stack and return warnings for the journal. An unknown match is only logged. Error: infra, with `strict`,
// when torch is not known to be built from the tested revision.
Result<std::vector<std::string>> check_stack(const results::Stack& stack, bool strict);

}  // namespace spyre::job
