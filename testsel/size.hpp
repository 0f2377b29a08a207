// SPDX-License-Identifier: Apache-2.0
// How large tests and their files are, as far as the source tells: what estimates of their time start from.
#pragma once

#include <cstddef>

#include "testsel/inventory.hpp"
#include "testsel/rank.hpp"
#include "testsel/selection.hpp"

namespace spyre::testsel {

// How many cases to expect of a test, at least 1: what @dtypes, @parametrize, @ops and @modules list. Where they name a
// list instead of writing it down, a typical length counts.
std::size_t expected_cases(const Test& test);
// Of a test of which nothing else is known.
std::size_t typical_cases(Breadth breadth);

// Sets what is known of the sizes of the selected tests and their files.
void set_sizes(const Inventory& inventory, Selection& selection);

}  // namespace spyre::testsel
