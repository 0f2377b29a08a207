// SPDX-License-Identifier: Apache-2.0
// The names that pytest finds at the module level of a test file: classes and functions defined there, and imported
// ones.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/core/file_tree.hpp"
#include "testsel/inventory.hpp"

namespace spyre::testsel {

struct KnownTest {
  // In the class itself; in another class or file, whose tests this one runs; in another test file, which runs it.
  enum class Origin { here, lent, elsewhere };
  std::string unit;
  Origin origin = Origin::here;
  std::vector<std::string> suffixes;  // possible suffixes of its copy: "cpu" of test_x_cpu
};

struct KnownClass {
  std::string unit;       // unit of its generated cases
  bool imported = false;  // from another test file
  // By a decorator that may make classes of it: `@parameterized_class(…)` appends any text to the name.
  bool decorated = false;
  std::map<std::string, KnownTest, std::less<>> tests;
};

struct KnownClasses {
  // By the name that is bound in the file, "Outer.Inner"; functions are under "", which always exists.
  std::map<std::string, KnownClass, std::less<>> classes;
  // Classes whose full name only the function that makes them knows: the name here is part of it.
  std::vector<std::pair<std::string, KnownClass>> unnamed;

  // Return the class that `name` was instantiated from, `TestFoo` for "TestFooCPU": the longest whose name it begins
  // with, if the rest looks like a device or begins with "_". nullptr if there is none. `below`: consider only shorter
  // names.
  const std::pair<const std::string, KnownClass>* find_template(std::string_view name, std::size_t below) const;
};

KnownClasses known_classes(const FileTree& tree, const TestFile& file);

}  // namespace spyre::testsel
