// SPDX-License-Identifier: Apache-2.0
// Which classes of a file hold tests: those that pytest collects, and those that lend them their tests.
#pragma once

#include <string_view>
#include <vector>

#include "testsel/source_tree.hpp"

namespace spyre::testsel {

struct TestClass {
  const python::Class* definition = nullptr;
  bool holds = false;      // its test methods are tests
  bool collected = false;  // itself or, for a template, what is instantiated from it; else it only lends its methods
  bool borrows = false;    // it inherits tests from a class of another file
  bool bare = false;       // collected, and no test method is written in it or in a class it inherits from
};

// Whether pytest takes a function of this name for a test.
inline bool is_test_name(std::string_view name) {
  return name.starts_with("test");
}
bool has_tests(const python::Class& one);

// In the order of the module's classes. A class holds tests when
// - pytest collects it: it derives from a class named like a test case (anything with "Test" in its name that is not in
//   the tree, `unittest.TestCase`), or its own name begins with "Test" and nothing has an __init__;
// - or it is instantiated by a function named instantiate_…;
// - or such a class inherits from it;
// - or it is a mixin: without bases, and with "Test" in its name.
// A class within a class is collected with a plain class around it only: unittest's cases have no inner ones.
std::vector<TestClass> test_classes(const std::string& path, const python::Module& module, SourceTree& tree);

}  // namespace spyre::testsel
