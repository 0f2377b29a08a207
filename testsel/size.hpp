// SPDX-License-Identifier: Apache-2.0
// The size of tests and their files, as far as the source shows: the basis of time estimates.
#pragma once

#include <cstddef>

#include "testsel/inventory.hpp"
#include "testsel/rank.hpp"
#include "testsel/selection.hpp"

namespace spyre::testsel {

// Return the expected number of a test's cases, at least 1, from @dtypes, @parametrize, @ops and @modules. A list that
// is named instead of written out counts with a typical length.
std::size_t expected_cases(const Test& test);
// Return the number of cases of a test about which nothing else is known.
std::size_t typical_cases(Breadth breadth);

// Set the known sizes of the selected tests and their files.
void set_sizes(const Inventory& inventory, Selection& selection);

}  // namespace spyre::testsel
