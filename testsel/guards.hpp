// SPDX-License-Identifier: Apache-2.0
// The conditions around definitions, split at "and": `if HAS_GPU and not TEST_WITH_ASAN:` is two.
#pragma once

#include <string>
#include <vector>

#include "testsel/python/module.hpp"

namespace spyre::testsel {

struct Condition {
  std::string text;  // "HAS_GPU", "not TEST_WITH_ASAN", "HAS_CPU or HAS_GPU"
  int line = 0;
};

// Return all conditions that must hold inside this guard and its outer ones; empty for nullptr.
std::vector<Condition> conditions_of(const python::Guard* guard);

// Return all conditions under which a file runs its tests when it is run as a program, by `run_tests()` or
// `unittest.main()`; empty if one of several such calls is unconditional.
std::vector<Condition> conditions_of_running(const python::Module& module);

}  // namespace spyre::testsel
