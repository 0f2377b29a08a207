// SPDX-License-Identifier: Apache-2.0
// What pytest finds at the module level of a test file: classes and functions written there, and imported ones.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/core/file_tree.hpp"
#include "testsel/inventory.hpp"

namespace spyre::testsel {

struct KnownTest {
  enum class Origin { here, base, elsewhere };  // in the class itself, in a base in the same file, in another test file
  std::string unit;
  Origin origin = Origin::here;
};

struct KnownClass {
  std::string unit;       // of its generated cases
  bool imported = false;  // from another test file
  std::map<std::string, KnownTest, std::less<>> tests;
};

// By the name that is bound in the file, "Outer.Inner"; functions are under "", which is always there.
using KnownClasses = std::map<std::string, KnownClass, std::less<>>;

KnownClasses known_classes(const FileTree& tree, const TestFile& file);

// The class that `name` was instantiated from, `TestFoo` for "TestFooCPU": the longest whose name it begins with, when
// the rest looks like a device or begins with "_". classes.end() when there is none. `below`: only names shorter than
// that.
KnownClasses::const_iterator find_template(const KnownClasses& classes, std::string_view name, std::size_t below);

}  // namespace spyre::testsel
