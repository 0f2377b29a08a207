// SPDX-License-Identifier: Apache-2.0
// The facts that scope rules match, taken from the results of the Python reader.
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
  base,               // a base class, also of base classes in the same file
  only_for,           // a device that the class is instantiated for, when it is not for all
  except_for,         // a device that the class is not instantiated for
  hw_classification,  // the class attribute of this name
  guard,  // a condition without which the file runs no tests, the class or function is not defined, or the function or
          // the set-up of its class skips the test
  id,     // "test/test_torch.py::TestTorch::test_sum"
  test,   // the name of the function
  class_decorator,  // of the class, as written, without arguments
  decorator,  // of the function or its class: "onlyCUDA", "skipIf(not TEST_CUDA)"; as written, and the value or the
              // imported name that it stands for in the file
  decorator_name,  // the same without arguments
  calls,           // calls of the function, itself or through helpers in the same file
  mentions,        // a name in the function's own body
  loads,           // a shared library that the function, its helpers or set-up functions name; and calls of the latter
};
inline constexpr std::array<std::string_view, 16> fact_names{
    "path", "imports", "class",           "base",      "only_for",  "except_for", "hw_classification", "guard",
    "id",   "test",    "class_decorator", "decorator", "decorator", "calls",      "mentions",          "loads"};

std::string_view name_of(FactKind kind);

// The text lives as long as the call: copy it to keep it.
using FactVisitor = std::function<void(FactKind kind, std::string_view text, int line)>;

// The facts of one file, with the relations between its parts.
class FileFacts {
 public:
  // Both outlive this object; `module` may be nullptr.
  FileFacts(const std::string& path, const python::Module* module);

  // Visit facts of the kinds path, imports and guard.
  void visit_file(const FactVisitor& visit) const;
  // Visit facts of the kinds class_name, base, only_for, except_for, hw_classification and guard, and the class's
  // decorators.
  void visit_class(const python::Class& owner, const FactVisitor& visit) const;
  // Visit facts of the kinds test, guard, decorator and mentions.
  void visit_function(const python::Function& function, const FactVisitor& visit) const;
  // Visit facts of the kinds calls and loads, of the function's own body.
  void visit_calls(const python::Function& function, const FactVisitor& visit) const;
  // Visit the same for a function that sets up a class: its calls are facts of the kind loads, and it has guards.
  void visit_set_up(const python::Function& function, const FactVisitor& visit) const;
  // Return the functions that unittest and pytest call before the tests of a class; of a module for nullptr.
  std::vector<const python::Function*> set_up(const python::Class* owner) const;

  // Return functions of this file that the body names: module functions, and methods through self, cls, super() or a
  // class of the file. `owner` is the class that contains the function, or nullptr.
  std::vector<const python::Function*> helpers(const python::Class* owner, const python::Function& function) const;
  // Return the class that contains a method; nullptr for a module's function.
  const python::Class* owner_of(const python::Function& function) const;
  // Return the class of a unit ("test/test_nn.py::TestNN"); nullptr for a file.
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
  // Return the quoted names in the value of `keyword`; empty if it is absent, None, or not understood.
  std::vector<std::string_view> devices(std::string_view arguments, std::string_view keyword) const;

  const std::string* m_path;
  const python::Module* m_module;
  std::unordered_map<std::string_view, const python::Class*> m_classes;
  std::unordered_map<std::string_view, const python::Function*> m_functions;
  std::unordered_multimap<std::string_view, std::string_view> m_stands_for;  // meanings of decorators' names
  std::unordered_map<const python::Class*, KnownClass> m_known;
  std::unordered_map<const python::Function*, const python::Class*> m_owners;
};

}  // namespace spyre::testsel
