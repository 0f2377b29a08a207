// SPDX-License-Identifier: Apache-2.0
#include "testsel/class_copies.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "testsel/python/arguments.hpp"
#include "testsel/python/characters.hpp"
#include "testsel/python/values.hpp"

namespace spyre::testsel {
namespace {

using python::Argument;
using python::FunctionBody;

constexpr int most_calls = 8;  // limit of calls from a function to the one that does the work
constexpr int most_names = 8;  // limit of classes in a variable

// These functions copy tests too, but the classes they make have names of a special form: `TestFooCPU`.
bool is_instantiation(std::string_view callee) {
  return callee.substr(callee.rfind('.') + 1).starts_with("instantiate_");
}

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// Return the argument of a parameter; empty if there is none.
std::string_view argument_of(const std::vector<std::string_view>& parameters, const std::vector<Argument>& arguments,
                             std::string_view parameter) {
  const auto index = static_cast<std::size_t>(std::ranges::find(parameters, parameter) - parameters.begin());
  std::size_t position = 0;
  for (const Argument& argument : arguments) {
    if (argument.keyword == parameter) return argument.value;
    if (argument.keyword.empty() && position++ == index) return argument.value;
  }
  return {};
}

// Return the content of a string literal, without underscores around it; empty for other expressions.
std::string_view suffix(std::string_view value) {
  if (value.size() < 2 || (value.front() != '"' && value.front() != '\'') || value.back() != value.front()) return {};
  value = value.substr(1, value.size() - 2);
  value.remove_prefix(std::min(value.find_first_not_of('_'), value.size()));
  return value.substr(0, value.find_last_not_of('_') + 1);
}

void add_suffix(std::string_view value, std::vector<std::string_view>& suffixes) {
  if (const std::string_view text = suffix(value); !text.empty()) suffixes.push_back(text);
}

// Return the strings among the arguments, including those in variables of the function.
std::vector<std::string_view> suffixes_in(const std::vector<Argument>& arguments, const FunctionBody& body) {
  std::vector<std::string_view> suffixes;
  for (const Argument& one : arguments) {
    add_suffix(one.value, suffixes);
    for (const FunctionBody::Assigned& assigned : body.assignments) {
      if (assigned.target == one.value) add_suffix(assigned.value, suffixes);
    }
  }
  return suffixes;
}

}  // namespace

const ClassCopies::Called& ClassCopies::called(const FoundName& function, int depth) {
  const auto [known, fresh] = m_called.try_emplace(function.function);
  if (!fresh || depth > most_calls) return known->second;  // functions that call each other copy nothing
  const std::shared_ptr<const python::Module> module = m_sources->module(*function.path);
  const FunctionBody body = python::read_body(*module, *function.function);
  return m_called[function.function] = look_at(function, body, depth);
}

ClassCopies::Called ClassCopies::look_at(const FoundName& function, const FunctionBody& body, int depth) {
  Called result{copier_of(body), body.parameters, {}};
  Copier& copier = result.copier;
  for (const FunctionBody::Call& call : body.calls) {
    if (copier.copies()) break;
    const auto arguments = python::split_arguments(call.arguments);
    if (!std::ranges::any_of(arguments, [&](auto& one) { return contains(body.parameters, one.value); })) continue;
    const FoundName callee = m_sources->find(*function.path, call.callee);
    if (callee.function == nullptr) continue;
    const Called inner = called(callee, depth + 1);
    const auto own = [&](std::string_view parameter) {
      const std::string_view argument = argument_of(inner.parameters, arguments, parameter);
      return !parameter.empty() && contains(body.parameters, argument) ? argument : std::string_view{};
    };
    if (!inner.copier.sets.empty() && copier.sets.empty()) copier.sets = own(inner.copier.sets);
    const std::string_view source = own(inner.copier.source), target = own(inner.copier.target);
    if (source.empty() || target.empty() != inner.copier.target.empty()) continue;
    const bool same_globals = inner.copier.scope == "globals()" && *callee.path == *function.path;
    std::string_view scope = same_globals ? inner.copier.scope : own(inner.copier.scope);
    if (target.empty() && scope.empty()) scope = scope_of(body);
    copier = {source, {}, target, scope, inner.copier.inherited, {}};
    result.suffixes = suffixes_in(arguments, body);
    result.suffixes.insert(result.suffixes.end(), inner.suffixes.begin(), inner.suffixes.end());
  }
  return result;
}

// Return the classes that an argument stands for: itself, or the elements of a variable or a loop.
std::vector<std::string_view> ClassCopies::names(const std::string& path, std::string_view text, int depth) {
  if (depth > most_names || text.empty()) return {};
  std::vector<std::string_view> found;
  const auto add = [&](std::string_view value) {
    for (const std::string_view name : names(path, value, depth + 1)) {
      if (!contains(found, name)) found.push_back(name);
    }
  };
  if (const auto items = python::split_items(text); !items.empty()) {
    for (const std::string_view item : items) add(item);
    return found;
  }
  if (m_sources->find_class(path, text)) return {text};
  const std::shared_ptr<const python::Module> module = m_sources->module(path);
  for (const python::Assignment& loop : module->loops) {
    if (loop.name == text) add(loop.value);
  }
  for (const std::string_view value : python::values_of(*module, text)) {
    if (!python::split_items(value).empty() || m_sources->find_class(path, value)) add(value);
  }
  if (found.empty()) found.push_back(text);
  return found;
}

// Most calls pass no class and are skipped. Names of classes begin with a capital.
bool ClassCopies::names_classes(const std::string& path, std::string_view argument) {
  if (argument.empty() || !python::is_name_start(argument.front())) return false;
  const std::string_view last = argument.substr(argument.rfind('.') + 1);
  const auto& loops = m_sources->module(path)->loops;
  const bool varies = std::ranges::any_of(loops, [&](const auto& loop) { return loop.name == argument; });
  if (!varies && (last.empty() || last.front() < 'A' || last.front() > 'Z')) return false;
  return std::ranges::any_of(names(path, argument), [&](std::string_view name) {
    const FoundName found = m_sources->find(path, name);
    return found.definition != nullptr || (found.assignment != nullptr && found.assignment->value.ends_with(')'));
  });
}

ClassCopies::Use ClassCopies::use(const std::string& path, std::string_view callee, std::string_view arguments,
                                  std::string_view bound_to) {
  if (callee == "type") return use_type(path, arguments, bound_to);
  Use use;
  const std::vector<Argument> given = python::split_arguments(arguments);
  const bool makes_test = bound_to.starts_with("Test");
  const auto is_class = [&](const Argument& one) { return names_classes(path, one.value); };
  if (!makes_test && std::ranges::none_of(given, is_class)) return use;
  const FoundName function = m_sources->find(path, callee);
  if (function.function == nullptr) return use;
  use.called = &called(function, 0);
  const Copier& copier = use.called->copier;
  if (makes_test && !copier.fixed.empty()) {
    const FoundName source = m_sources->find(*function.path, copier.fixed);
    if (source.definition != nullptr) use.copies.push_back({source, bound_to, true, false, use.called->suffixes});
    return use;
  }
  const auto names_for = [&](std::string_view parameter) {
    return parameter.empty() ? std::vector<std::string_view>{}
                             : names(path, argument_of(use.called->parameters, given, parameter));
  };
  use.set = names_for(copier.sets);
  if (!copier.copies()) return use;

  std::vector<std::string_view> targets = names_for(copier.target);
  const bool makes = copier.target.empty();
  if (makes) {
    const bool here = copier.scope == "globals()"
                          ? *function.path == path
                          : argument_of(use.called->parameters, given, copier.scope) == "globals()";
    if (!here && bound_to.empty()) return use;
    targets = {bound_to};
  }
  std::vector<std::string_view> suffixes = use.called->suffixes;
  for (const Argument& one : given) add_suffix(one.value, suffixes);
  for (const std::string_view name : names_for(copier.source)) {
    const FoundName source = m_sources->find(path, name);
    if (source.definition == nullptr && source.assignment == nullptr) {
      use.understood = false;
      continue;
    }
    for (const std::string_view target : targets) {
      use.copies.push_back({source, target, makes, copier.inherited, suffixes});
    }
  }
  use.understood = use.understood && !use.copies.empty();
  if (!use.understood) use.set.insert(use.set.end(), targets.begin(), targets.end());
  return use;
}

ClassCopies::Use ClassCopies::use_type(const std::string& path, std::string_view arguments, std::string_view bound_to) {
  const std::string_view name = source_of_type(arguments);
  const FoundName source = name.empty() || bound_to.empty() ? FoundName{} : m_sources->find(path, name);
  if (source.definition == nullptr) return {};
  Use use;
  use.copies.push_back({source, bound_to, true, false, {}});
  return use;
}

FileCopies ClassCopies::look_at(const std::string& path, const python::Module& module) {
  FileCopies file;
  std::set<std::string_view> generated(module.generates.begin(), module.generates.end());
  std::set<std::string_view> classes{""};
  for (const python::Class& one : module.classes) classes.insert(one.name);
  const auto take = [&](Use use) {
    file.copies.insert(file.copies.end(), use.copies.begin(), use.copies.end());
    for (const std::string_view name : use.set) {
      if (classes.contains(name)) generated.insert(name);
    }
  };
  for (const python::Call& call : module.calls) {
    if (!is_instantiation(call.callee)) take(use(path, call.callee, call.arguments, {}));
  }
  for (const python::Assignment& assignment : module.assignments) {
    const python::CallText call = python::split_call(assignment.value);
    if (!call.callee.empty()) take(use(path, call.callee, call.arguments, assignment.name));
  }
  const auto copies = [&](std::string_view name) {
    const FoundName function = m_sources->find(path, name);
    return function.function != nullptr && called(function, 0).copier.copies();
  };
  for (const python::Given& given : module.given) {
    if (!copies(given.function)) generated.insert(given.name);
  }
  for (const std::string_view maker : module.makers) {
    if (!copies(maker)) generated.insert("");
  }
  file.generated.assign(generated.begin(), generated.end());
  return file;
}

const FileCopies& ClassCopies::in(const std::string& path) {
  const auto [known, fresh] = m_files.try_emplace(path);
  if (!fresh) return known->second;
  const std::shared_ptr<const python::Module> module = m_sources->module(path);
  return module ? m_files[path] = look_at(path, *module) : m_files[path];
}

std::vector<ClassCopy> ClassCopies::made_by(const std::string& path, std::string_view expression) {
  const python::CallText call = python::split_call(expression);
  return call.callee.empty() ? std::vector<ClassCopy>{} : use(path, call.callee, call.arguments, "TestMade").copies;
}

}  // namespace spyre::testsel
