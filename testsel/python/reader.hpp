// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/core/result.hpp"
#include "testsel/python/module.hpp"

namespace spyre::testsel::python {

// Read the structure of a Python file (3.8 to 3.14) in one pass, in time and memory linear in its size. Not a full
// parser: it finds every error of layout (strings, brackets, indentation, headers of blocks) and two expressions in a
// row (`print "x"`), and accepts other wrong expressions.
// Error: invalid, "line:column: why", both 1-based, the column in characters.
Result<Module> read_module(std::string source);

}  // namespace spyre::testsel::python
