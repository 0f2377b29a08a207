// SPDX-License-Identifier: Apache-2.0
// Failures that the machine caused and not the test: they are counted apart.
#pragma once

#include <string_view>

#include "agent/results/outcome.hpp"

namespace spyre::report {

// "memory", "network", "disk", "torch" (it cannot be imported) or "card"; empty when the test itself seems to be at
// fault. Judged by the message of the attempt: a guess, on the side of the test when in doubt.
std::string_view infrastructure_cause(const results::Attempt& attempt);

}  // namespace spyre::report
