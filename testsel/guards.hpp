// SPDX-License-Identifier: Apache-2.0
// The conditions around definitions, each by itself: `if HAS_GPU and not TEST_WITH_ASAN:` is two.
#pragma once

#include <string>
#include <vector>

#include "testsel/python/module.hpp"

namespace spyre::testsel {

struct Condition {
  std::string text;  // "HAS_GPU", "not TEST_WITH_ASAN", "HAS_CPU or HAS_GPU"
  int line = 0;
};

// Everything that has to hold where a guard is the innermost one; nothing for nullptr.
std::vector<Condition> conditions_of(const python::Guard* guard);

// Everything that has to hold for a file to run its tests when it is run as a program, by `run_tests()` or
// `unittest.main()`; nothing when one of several such calls is behind no condition.
std::vector<Condition> conditions_of_running(const python::Module& module);

}  // namespace spyre::testsel
