// SPDX-License-Identifier: Apache-2.0
// The facts that scope rules speak of, taken from what the reader of Python source found.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "testsel/inventory.hpp"

namespace spyre::testsel {

// In the order in which they are reported. The names are the keys of the rules.
enum class FactKind {
  path,               // of the file
  imports,            // a module that the file imports, and "module.name" for each name it imports from one
  class_name,         // "TestTorch"
  base,               // a base class, also of base classes written in the same file
  only_for,           // a device that the class is instantiated for, when it is not for all
  except_for,         // a device that the class is not instantiated for
  hw_classification,  // the class attribute of this name
  guard,              // a condition without which the file runs no tests, the class or function is not defined, or the
                      // function or what sets its class up skips the test
  id,                 // "test/test_torch.py::TestTorch::test_sum"
  test,               // the name of the function
  class_decorator,    // of the class, as it is written, without arguments
  decorator,       // of the function or its class: "onlyCUDA", "skipIf(not TEST_CUDA)"; as it is written, and what the
                   // name stands for in the file: what is assigned to it, or the name it is imported by
  decorator_name,  // the same without arguments
  calls,           // what the function calls, itself or through helpers written in the same file
  mentions,        // a name in the function's own body
  loads,           // a shared library that the function or its helpers name, or those that set its class up do; and
                   // what the latter call
};
inline constexpr std::array<std::string_view, 16> fact_names{
    "path", "imports", "class",           "base",      "only_for",  "except_for", "hw_classification", "guard",
    "id",   "test",    "class_decorator", "decorator", "decorator", "calls",      "mentions",          "loads"};

std::string_view name_of(FactKind kind);

// The text lives as long as the call: whoever keeps it copies it.
using FactVisitor = std::function<void(FactKind kind, std::string_view text, int line)>;

// One file, with what its parts have to do with each other.
class FileFacts {
 public:
  // Both outlive this object; `module` may be nullptr.
  FileFacts(const std::string& path, const python::Module* module);

  // Facts of the kinds path, imports and guard.
  void visit_file(const FactVisitor& visit) const;
  // Facts of the kinds class_name, base, only_for, except_for, hw_classification and guard, and the class's decorators.
  void visit_class(const python::Class& owner, const FactVisitor& visit) const;
  // Facts of the kinds test, guard, decorator and mentions.
  void visit_function(const python::Function& function, const FactVisitor& visit) const;
  // Facts of the kinds calls and loads, of the function's own body.
  void visit_calls(const python::Function& function, const FactVisitor& visit) const;
  // The same of a function that sets a class up: what it calls are facts of the kind loads, and it has guards.
  void visit_set_up(const python::Function& function, const FactVisitor& visit) const;
  // The functions that unittest and pytest call before the tests of a class; of a module for nullptr.
  std::vector<const python::Function*> set_up(const python::Class* owner) const;

  // Functions of this file that the body names: module functions, and methods through self, cls, super() or a class of
  // the file. `owner` is the class the function is written in, or nullptr.
  std::vector<const python::Function*> helpers(const python::Class* owner, const python::Function& function) const;
  // The class a method is written in; nullptr for a module's function.
  const python::Class* owner_of(const python::Function& function) const;
  // The class that a unit ("test/test_nn.py::TestNN") is; nullptr when it is a file.
  const python::Class* class_of(std::string_view unit) const;

 private:
  struct KnownClass {
    std::vector<const python::Class*> lineage;  // itself, then the classes of this file that it derives from
    std::unordered_map<std::string_view, const python::Function*> methods;  // of the lineage, nearest first
  };
  const KnownClass* known(const python::Class* owner) const;
  const python::Class* find_class(std::string_view name) const;  // or nullptr
  void learn_lineage(const python::Class& owner);
  void visit_devices(const python::Class& owner, const FactVisitor& visit) const;
  void visit_skips(const python::Function& function, const FactVisitor& visit) const;
  void visit_libraries(const python::Function& function, const FactVisitor& visit) const;
  void visit_decorators(const std::vector<python::Decorator>& decorators, const FactVisitor& visit) const;
  // The quoted names in the value of `keyword`; empty when it is absent, None, or not understood.
  std::vector<std::string_view> devices(std::string_view arguments, std::string_view keyword) const;

  const std::string* m_path;
  const python::Module* m_module;
  std::unordered_map<std::string_view, const python::Class*> m_classes;
  std::unordered_map<std::string_view, const python::Function*> m_functions;
  std::unordered_multimap<std::string_view, std::string_view> m_stands_for;  // names that decorators may have
  std::unordered_map<const python::Class*, KnownClass> m_known;
  std::unordered_map<const python::Function*, const python::Class*> m_owners;
};

}  // namespace spyre::testsel
