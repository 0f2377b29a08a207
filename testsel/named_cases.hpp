// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/core/file_tree.hpp"
#include "testsel/inventory.hpp"

namespace spyre::testsel {

// The tests whose cases people name as pytest does: "FILE::CLASS::CASE" or "FILE::CLASS", where the class inherits what
// it runs, or the case has a device and a dtype. Sorted; empty when `name` is a pattern, a test as written, or nothing
// that is known. Reads the file once more.
std::vector<std::string> tests_of_cases(const std::string& name, const Inventory& inventory, const FileTree& tree);

}  // namespace spyre::testsel
