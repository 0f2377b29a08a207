// SPDX-License-Identifier: Apache-2.0
// The stack of a run: what it is, and what is said of it before the first test starts.
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

// Return what the configured Python is, if it can run tests. Error: config, infra.
Result<execute::PythonVersions> check_python(const Config& config);

// The stack of a run of these sources with this Python on this host, as far as it is known before the cards are taken.
// `given` is what --stack names.
results::Stack stack_of(const execute::PythonVersions& python, const Source& source, results::VersionsByName given);
// Adds the cards that were taken.
void add_cards(results::Stack& stack, const std::vector<cards::Card>& cards);

// Return the warnings for the journal; that the match is unknown is logged instead.
// Error: infra, with `strict`, when torch is not known to be built from the tested revision.
Result<std::vector<std::string>> check_stack(const results::Stack& stack, bool strict);

}  // namespace spyre::job
