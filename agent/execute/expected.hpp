// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/results/outcome.hpp"
#include "testsel/expectation.hpp"

namespace spyre::execute {

// What pytest said of a case, in the light of what is expected of it. A test that may fail is `xfailed` when it does
// and `xpassed` when it does not; one that must fail is `failed` when it passes. Crashes and time-outs stay what they
// are.
results::Attempt as_expected(results::Attempt attempt, const testsel::Expectation& expectation);

}  // namespace spyre::execute
