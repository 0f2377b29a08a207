// SPDX-License-Identifier: Apache-2.0
// What the reader of Python source knows of a file: its structure, not its meaning. Nothing is executed.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace spyre::testsel::python {

struct Decorator {
  std::string name;       // dotted, as written: "onlyCUDA", "unittest.skipIf", "parametrize"
  std::string arguments;  // the text between the outer parentheses with comments removed and blanks collapsed
  int line = 0;           // 1-based
};

struct Function {
  std::string name;
  int line = 0;      // of the def
  int end_line = 0;  // the last line of the body
  bool async = false;
  std::vector<Decorator> decorators;
  std::vector<std::string> names;  // dotted names mentioned in the body, sorted, each once: "torch.float32", "self.device"
  std::vector<std::string> calls;  // those of them that are called: "x.backward", "torch.autograd.grad"
};

struct Class {
  std::string name;                // qualified within the module: "Outer.Inner"
  int line = 0;
  int end_line = 0;
  std::vector<std::string> bases;  // dotted, as written; keywords such as metaclass= left out
  std::vector<Decorator> decorators;
  std::vector<Function> functions;  // methods, in the order of the source (those behind if/try/with too)
  std::vector<std::string> attributes;  // "name=text of the value" of simple assignments in the class body
};

// `instantiate_device_type_tests(TestFoo, globals(), only_for="cpu")` and its relatives.
struct Instantiation {
  std::string function;   // "instantiate_device_type_tests"
  std::string target;     // "TestFoo"; empty when the first argument is no name
  std::string arguments;  // all of them, as for a decorator
  int line = 0;
};

struct Import {
  std::string module;  // "torch.testing._internal.common_utils"; leading dots kept for relative ones
  std::string name;    // of `from module import name`; "*" for all; empty for `import module`
  std::string alias;   // the name it is bound to here
  int line = 0;
};

struct Module {
  std::vector<Class> classes;  // at module level and nested in classes, in the order of the source
  std::vector<Function> functions;  // at module level
  std::vector<Instantiation> instantiations;
  std::vector<Import> imports;
  std::vector<std::string> generates;  // classes that get attributes from outside ("setattr(TestNN, …)", "TestNN.test_x = …"),
                                       // "" for the module itself (exec, globals()[…] = …)
};

}  // namespace spyre::testsel::python
