// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/core/file_tree.hpp"
#include "testsel/inventory.hpp"

namespace spyre::testsel {

// Return the tests of cases that are named as in pytest: "FILE::CLASS::CASE" or "FILE::CLASS", where the class inherits
// its tests, or the case has a device and a dtype. Sorted; empty if `name` is a pattern, a test as written, or unknown.
// Reads the file once more.
std::vector<std::string> tests_of_cases(const std::string& name, const Inventory& inventory, const FileTree& tree);

}  // namespace spyre::testsel
