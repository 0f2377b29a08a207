// SPDX-License-Identifier: Apache-2.0
// Evidence that a file makes tests that none of its lines names.
#pragma once

#include <cstddef>
#include <set>
#include <string_view>
#include <vector>

#include "testsel/python/module.hpp"

namespace spyre::testsel::python {

inline constexpr std::size_t none = static_cast<std::size_t>(-1);

// The scope of a statement.
struct Scope {
  std::size_t class_index = none;  // of the innermost class around it, within Module::classes
  bool in_function = false;        // of whatever depth
  std::string_view function;       // the module's function around it; empty in methods
};

class Generators {
 public:
  // `setattr(target, …)`
  void attribute_set(std::string_view target, const Scope& scope, const Module& module);
  // `Target.name = …`
  void attribute_assigned(std::string_view target_and_name);
  // `globals()[…] = …`, exec(…): the created names belong to the class body, or to the module if it or one of its
  // functions executes this.
  void names_made(const Scope& scope, const Module& module);
  // `function(…, name, …)`, or `@function class name`: evidence if the function sets attributes of its argument.
  void given(std::string_view function, std::string_view name) { m_given.push_back({function, name}); }

  // Fill `generates` (in byte order, each once), `given` and `makers` of the module, which knows all its classes.
  void conclude(Module& module) const;

 private:
  std::vector<std::string_view> m_classes;  // names that count if they are a class of the module
  std::vector<std::string_view> m_objects;  // names that count for the module if they are not a class
  std::vector<Given> m_given;
  std::set<std::string_view> m_setters;  // functions of the module that set attributes of some object
  std::set<std::string_view> m_makers;
  bool m_module_itself = false;
};

}  // namespace spyre::testsel::python
