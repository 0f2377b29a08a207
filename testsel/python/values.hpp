// SPDX-License-Identifier: Apache-2.0
// What a variable of a module may hold: nothing is executed, so everything that is ever put into it counts.
#pragma once

#include <string_view>
#include <vector>

#include "testsel/python/module.hpp"

namespace spyre::testsel::python {

// The texts of what is assigned to `name` at module level, in each branch, and of what is added to it: by +=, append(),
// extend(), add(), update() and insert().
std::vector<std::string_view> values_of(const Module& module, std::string_view name);

}  // namespace spyre::testsel::python
