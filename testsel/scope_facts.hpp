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
  id,                 // "test/test_torch.py::TestTorch::test_sum"
  test,               // the name of the function
  decorator,          // of the function or its class, as written: "onlyCUDA", "skipIf(not TEST_CUDA)"
  decorator_name,     // the same without arguments
  calls,              // what the function calls, itself or through helpers written in the same file
  mentions,           // a name in the function's own body
};
inline constexpr std::array<std::string_view, 13> fact_names{
    "path", "imports", "class",     "base",      "only_for", "except_for", "hw_classification",
    "id",   "test",    "decorator", "decorator", "calls",    "mentions"};

std::string_view name_of(FactKind kind);

// The text lives as long as the call: whoever keeps it copies it.
using FactVisitor = std::function<void(FactKind kind, std::string_view text, int line)>;

// One file, with what its parts have to do with each other.
class FileFacts {
 public:
  explicit FileFacts(const TestFile& file);

  // Facts of the kinds path and imports.
  void visit_file(const FactVisitor& visit) const;
  // Facts of the kinds class_name, base, only_for, except_for and hw_classification, and the class's decorators.
  void visit_class(const python::Class& owner, const FactVisitor& visit) const;
  // Facts of the kinds test, decorator and mentions.
  static void visit_function(const python::Function& function, const FactVisitor& visit);
  // Facts of the kind calls, of the function's own body.
  static void visit_calls(const python::Function& function, const FactVisitor& visit);

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
  // The quoted names in the value of `keyword`; empty when it is absent, None, or not understood.
  std::vector<std::string_view> devices(std::string_view arguments, std::string_view keyword) const;
  std::string_view resolve(std::string_view value) const;

  const TestFile* m_file;
  std::unordered_map<std::string_view, const python::Class*> m_classes;
  std::unordered_map<std::string_view, const python::Function*> m_functions;
  std::unordered_map<const python::Class*, KnownClass> m_known;
  std::unordered_map<const python::Function*, const python::Class*> m_owners;
};

}  // namespace spyre::testsel
