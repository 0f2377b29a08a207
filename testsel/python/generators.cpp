// SPDX-License-Identifier: Apache-2.0
#include "testsel/python/generators.hpp"

namespace spyre::testsel::python {

void Generators::attribute_set(std::string_view target, const Scope& scope, const Module& module) {
  const bool in_method = scope.in_function && scope.class_index != none;
  m_classes.push_back(in_method && target == "cls" ? module.classes[scope.class_index].name : target);
  if (!scope.function.empty()) m_setters.insert(scope.function);
  if (!scope.in_function && scope.class_index == none) m_objects.push_back(target);
}

void Generators::attribute_assigned(std::string_view target_and_name) {
  const std::size_t dot = target_and_name.find('.');
  if (target_and_name.substr(dot + 1).starts_with("test")) m_classes.push_back(target_and_name.substr(0, dot));
}

void Generators::names_made(const Scope& scope, const Module& module) {
  if (scope.class_index != none) {
    if (!scope.in_function) m_classes.push_back(module.classes[scope.class_index].name);
  } else if (!scope.function.empty()) {
    m_makers.insert(scope.function);
  } else {
    m_module_itself = true;
  }
}

void Generators::conclude(Module& module) const {
  std::set<std::string_view> classes;
  for (const Class& one : module.classes) classes.insert(one.name);
  std::set<std::string_view> found;
  for (const std::string_view name : m_classes) {
    if (classes.contains(name)) found.insert(name);
  }
  bool itself = m_module_itself;
  for (const std::string_view name : m_objects) itself |= !classes.contains(name);
  if (itself) found.insert("");
  module.generates.assign(found.begin(), found.end());
  for (const Given& given : m_given) {
    if (m_setters.contains(given.function) && classes.contains(given.name)) module.given.push_back(given);
  }
  module.makers.assign(m_makers.begin(), m_makers.end());
}

}  // namespace spyre::testsel::python
