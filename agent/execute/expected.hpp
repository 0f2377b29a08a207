// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/results/outcome.hpp"
#include "testsel/expectation.hpp"

namespace spyre::execute {

// Return pytest's result of a case in the light of its expectation. A test that may fail is `xfailed` if it does and
// `xpassed` if it does not; a test that must fail is `failed` if it passes. Crashes and time-outs do not change.
results::Attempt as_expected(results::Attempt attempt, const testsel::Expectation& expectation);

}  // namespace spyre::execute
