// SPDX-License-Identifier: Apache-2.0
// A detailed reading of one function: how it uses its arguments. For the few functions that make tests.
#pragma once

#include <string_view>
#include <vector>

#include "testsel/python/module.hpp"

namespace spyre::testsel::python {

struct FunctionBody {
  struct Call {
    std::string_view callee;     // dotted
    std::string_view arguments;  // as written
  };
  struct Assigned {
    std::string_view target;  // as written: "made", "globals()[name]"
    std::string_view value;
  };
  struct Local {
    std::string_view name;
    std::string_view bases;  // of a class, as written
  };
  std::vector<std::string_view> parameters;
  std::vector<Call> calls;  // at any depth
  std::vector<Assigned> assignments;
  std::vector<Local> classes;
  std::vector<std::string_view> names;  // every dotted name, in the order of the source
};

// Read a function's body. `function` belongs to `module`; the views point into its source.
FunctionBody read_body(const Module& module, const Function& function);

}  // namespace spyre::testsel::python
