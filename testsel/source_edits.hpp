// SPDX-License-Identifier: Apache-2.0
// What differs between two versions of a Python file, by the definitions it is made of. Comments of a line of their
// own, blank lines and blanks at the ends of lines are no difference.
#pragma once

#include <set>
#include <string>

#include "testsel/python/module.hpp"

namespace spyre::testsel {

struct SourceEdits {
  std::set<std::string, std::less<>> functions;  // changed or new, decorators included: "TestTorch.test_sum", "helper"
  std::set<std::string, std::less<>> classes;    // something besides their functions changed, or they are new
  bool elsewhere = false;                        // at the module level: imports, constants, what is run there

  bool none() const { return functions.empty() && classes.empty() && !elsewhere; }
};

// From `before` to `after`. A definition that is gone is a difference of what it stood in. A name that is defined more
// than once is compared as all its definitions together.
SourceEdits source_edits(const python::Module& before, const python::Module& after);
// What a file that was not there before has: everything.
SourceEdits all_of(const python::Module& module);

}  // namespace spyre::testsel
