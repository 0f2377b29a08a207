// SPDX-License-Identifier: Apache-2.0
// The structure of a Python file, as read from its source without executing it. Names and texts are views: into the
// source, or into the few texts that the reader had to make. The Module owns both.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace spyre::testsel::python {

struct Decorator {
  std::string_view name;  // dotted, as written: "onlyCUDA", "unittest.skipIf", "parametrize"; empty when it has none
  std::string_view arguments;  // the text between the outer parentheses with comments removed and blanks collapsed
  int line = 0;                // 1-based
};

// `hw_classification = HardwareClassification.GENERIC`
struct Assignment {
  std::string_view name;
  std::string_view value;  // the text of the value, comments removed and blanks collapsed
  int line = 0;
};

// A condition around a statement at module level or in a class body: `if HAS_GPU:` or, negated, its `else:`.
// Definitions inside a function have no guard.
struct Guard {
  std::string_view condition;  // as for a decorator's arguments
  bool negated = false;
  const Guard* outer = nullptr;  // the next one around it; of `elif` also the ones that did not hold
  int line = 0;
};

struct Function {
  std::string_view name;
  int line = 0;      // of the def
  int end_line = 0;  // the last line of the body
  bool async = false;
  const Guard* guard = nullptr;  // innermost; of a method, its class's included
  std::vector<Decorator> decorators;
  // Dotted names mentioned in the body, nested functions and classes included; sorted, each once: "torch.float32",
  // "self.device". A name after an operand that is not a name starts with a dot: `f(x).sum()` mentions "f", "x" and
  // ".sum".
  std::vector<std::string_view> names;
  std::vector<std::string_view> calls;  // those of them that are called: "x.backward", "torch.autograd.grad", ".sum"
};

struct Class {
  std::string_view name;  // qualified within the module: "Outer.Inner"
  int line = 0;
  int end_line = 0;
  const Guard* guard = nullptr;
  std::vector<std::string_view> bases;  // dotted, as written; keywords such as metaclass= left out
  std::vector<Decorator> decorators;
  std::vector<Function> functions;     // methods, in the order of the source (those behind if/try/with too)
  std::vector<Assignment> attributes;  // simple assignments in the class body
  // Names test… whose value is not a literal, `test_conv = make_test(Conv())`, as the functions that they may be: names
  // and calls are those of the value.
  std::vector<Function> made_tests;
};

// `instantiate_device_type_tests(TestFoo, globals(), only_for="cpu")` and its relatives.
struct Instantiation {
  std::string_view function;   // "instantiate_device_type_tests"
  std::string_view target;     // "TestFoo"; empty if the first argument is not a name
  std::string_view arguments;  // all of them, as for a decorator
  int line = 0;
};

// A statement at module level that is only a call: `copy_tests(Template, CpuTests, "cpu")`.
struct Call {
  std::string_view callee;     // dotted
  std::string_view arguments;  // as written, between the outer parentheses
  int line = 0;
  const Guard* guard = nullptr;
};

// A class that is passed to a function of the module which sets attributes of some object.
struct Given {
  std::string_view function, name;
};

// A text in a function that names a shared library: "libtorchbind_test.so".
struct Library {
  std::string_view name;
  int line = 0;
};

// `if not TEST_CUDA: self.skipTest("no CUDA")` in a function.
struct Skip {
  std::string_view condition;
  int line = 0;
};

struct Import {
  std::string_view module;  // "torch.testing._internal.common_utils"; leading dots kept for relative ones
  std::string_view name;    // of `from module import name`; "*" for all; empty for `import module`
  std::string_view alias;   // the name it is bound to here; empty for "*"
  int line = 0;
  bool deferred = false;  // inside a function: imported when that runs
};

struct Module {
  std::vector<Class> classes;           // at module level and nested in classes, in the order of the source
  std::vector<Function> functions;      // at module level
  std::vector<Assignment> assignments;  // simple ones at module level
  std::vector<Assignment> extensions;   // `name += value` at module level
  std::vector<Assignment> loops;        // `for name in value:` at module level
  std::vector<Call> calls;
  std::vector<std::string_view> deleted;  // names in `del` at module level
  std::vector<Library> libraries;         // in the order of the source
  std::vector<Skip> skips;                // in the order of the source
  std::vector<Instantiation> instantiations;
  std::vector<Import> imports;
  std::vector<std::string_view> generates;  // classes that get attributes from outside ("setattr(TestNN, …)",
                                            // "TestNN.test_x = …"), "" for the module itself (exec, globals()[…] = …)
  std::vector<Given> given;
  std::vector<std::string_view> makers;  // functions of the module that do `globals()[…] = …`

  Module() = default;
  Module(Module&&) = default;
  Module& operator=(Module&&) = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  ~Module() = default;

  // The views and pointers above point into these members, which do not move with the Module.
  std::unique_ptr<const std::string> source;
  std::deque<std::string> made;
  std::deque<Guard> guards;
};

}  // namespace spyre::testsel::python
