// SPDX-License-Identifier: Apache-2.0
#include "testsel/size.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>
#include <unordered_map>

#include "testsel/python/arguments.hpp"

namespace spyre::testsel {
namespace {

// Typical lengths of lists that are named and not written out. Magnitudes: the database of operators had 540 entries in
// PyTorch 1.13 and has 690 in 2.6, and an operator supports nine dtypes on a CPU.
constexpr double all_operators = 600, some_operators = 400, family_of_operators = 100;
constexpr double all_modules = 100;
constexpr double named_dtypes = 8, named_parameters = 4;
constexpr double most_cases = 100'000;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Return the number of elements of a list that is written out; nothing for other expressions and for starred elements.
double length_of(std::string_view list, double otherwise) {
  if (!list.starts_with('[') && !list.starts_with('(')) return otherwise;
  const std::vector<std::string_view> items = python::split_items(list);
  double length = 0;
  for (const std::string_view item : items) {
    if (contains(item, " for ")) return otherwise;
    length += item.starts_with('*') ? otherwise : 1;
  }
  return items.empty() ? otherwise : length;
}

double operators_in(std::string_view list) {
  if (list == "op_db" || list.starts_with("op_db ")) return all_operators;
  return contains(list, "op_db") ? some_operators : family_of_operators;
}

double dtypes_of_operators(const std::vector<python::Argument>& arguments) {
  for (const auto& [keyword, value] : arguments) {
    if (keyword == "allowed_dtypes") return length_of(value, named_dtypes);
    if (keyword == "dtypes" && (contains(value, ".none") || contains(value, ".any_"))) return 1;
  }
  return named_dtypes;
}

// Return the factor by which a decorator multiplies the cases of its test.
double factor_of(const python::Decorator& decorator) {
  const std::string_view name = decorator.name.substr(decorator.name.rfind('.') + 1);
  const std::vector<python::Argument> arguments = python::split_arguments(decorator.arguments);
  if (arguments.empty()) return 1;
  if (name == "dtypes") {
    double dtypes = 0;
    for (const python::Argument& argument : arguments) dtypes += argument.value.starts_with('*') ? named_dtypes : 1;
    return dtypes;
  }
  if (name == "parametrize" && arguments.size() > 1) return length_of(arguments[1].value, named_parameters);
  if (name == "ops") return operators_in(arguments[0].value) * dtypes_of_operators(arguments);
  if (name == "modules") return all_modules * dtypes_of_operators(arguments) / 2;  // most modules support two dtypes
  return 1;
}

std::size_t imported_modules(const python::Module& module) {
  std::set<std::string_view> modules;
  for (const python::Import& import : module.imports) {
    if (!import.deferred) modules.insert(import.module);
  }
  return modules.size();
}

SourceSize size_of(const TestFile& file) {
  SourceSize size;
  if (!file.module) return size;
  size.bytes = file.module->source->size();
  size.imports = imported_modules(*file.module);
  size.tests = file.tests.size();
  for (const Test& test : file.tests) size.cases += expected_cases(test);
  return size;
}

}  // namespace

std::size_t expected_cases(const Test& test) {
  double cases = 1;
  for (const python::Decorator& decorator : test.function->decorators) cases *= std::max(factor_of(decorator), 1.0);
  return static_cast<std::size_t>(std::llround(std::min(cases, most_cases)));
}

std::size_t typical_cases(Breadth breadth) {
  switch (breadth) {
    case Breadth::operators:
      return static_cast<std::size_t>(some_operators * named_dtypes);
    case Breadth::dtypes:
      return static_cast<std::size_t>(named_dtypes);
    case Breadth::single:
      break;
  }
  return 1;
}

void set_sizes(const Inventory& inventory, Selection& selection) {
  std::unordered_map<std::string_view, SelectedTest*> selected;
  for (SelectedTest& test : selection.tests) selected.emplace(test.id, &test);
  std::set<std::string_view> generators;
  for (const std::string& unit : selection.generators) generators.insert(unit);
  selection.files.clear();
  for (const TestFile& file : inventory.files) {
    bool is_selected =
        std::ranges::any_of(file.generators, [&](const auto& unit) { return generators.contains(unit); });
    for (const Test& test : file.tests) {
      const auto found = selected.find(test.id);
      if (found == selected.end()) continue;
      found->second->cases = expected_cases(test);
      is_selected = true;
    }
    if (is_selected) selection.files.emplace(file.path, size_of(file));
  }
}

}  // namespace spyre::testsel
