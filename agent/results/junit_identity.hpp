// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/results/junit.hpp"

namespace spyre::results {

// Makes file, classname and name of a case the same whoever wrote them (see JunitCase).
void normalise_identity(JunitCase& result);

}  // namespace spyre::results
