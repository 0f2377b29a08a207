// SPDX-License-Identifier: Apache-2.0
// The differences between two versions of a Python file, by definition. Comments on lines of their own, blank lines and
// trailing blanks do not count.
#pragma once

#include <set>
#include <string>

#include "testsel/python/module.hpp"

namespace spyre::testsel {

struct SourceEdits {
  std::set<std::string, std::less<>> functions;  // changed or new, decorators included: "TestTorch.test_sum", "helper"
  std::set<std::string, std::less<>> classes;    // code besides their functions changed, or they are new
  bool elsewhere = false;                        // at module level: imports, constants, statements

  bool none() const { return functions.empty() && classes.empty() && !elsewhere; }
};

// Return the differences from `before` to `after`. A deleted definition is a difference of the definition that
// contained it. Definitions of one name are compared together.
SourceEdits source_edits(const python::Module& before, const python::Module& after);
// Return the edits of a new file: everything.
SourceEdits all_of(const python::Module& module);

}  // namespace spyre::testsel
