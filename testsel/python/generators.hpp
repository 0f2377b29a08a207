// SPDX-License-Identifier: Apache-2.0
// Evidence that a file makes tests which none of its lines names.
#pragma once

#include <cstddef>
#include <set>
#include <string_view>
#include <vector>

#include "testsel/python/module.hpp"

namespace spyre::testsel::python {

inline constexpr std::size_t none = static_cast<std::size_t>(-1);

// Where a statement stands.
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
  // `globals()[…] = …`, exec(…): what they make belongs to the class body, or to the module when it or one of its
  // functions does it.
  void names_made(const Scope& scope, const Module& module);
  // `function(…, name, …)`, or `@function class name`: evidence when the function sets attributes of what it is given.
  void given(std::string_view function, std::string_view name) { m_given.push_back({function, name}); }

  // Fills `generates` (in byte order, each once), `given` and `makers` of the module, which knows all its classes.
  void conclude(Module& module) const;

 private:
  std::vector<std::string_view> m_classes;  // names that count when they are a class of the module
  std::vector<std::string_view> m_objects;  // names that count for the module when they are none
  std::vector<Given> m_given;
  std::set<std::string_view> m_setters;  // functions of the module that set attributes of something
  std::set<std::string_view> m_makers;
  bool m_module_itself = false;
};

}  // namespace spyre::testsel::python
