// SPDX-License-Identifier: Apache-2.0
#include "testsel/scope_facts.hpp"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "testsel/guards.hpp"
#include "testsel/python/arguments.hpp"
#include "testsel/python/values.hpp"
#include "testsel/unit_id.hpp"

namespace spyre::testsel {
namespace {

// Return "Base" for "common_utils.Base".
std::string_view last_part(std::string_view dotted) {
  return dotted.substr(dotted.rfind('.') + 1);
}

// Return the value of `keyword=` in the text of a call's arguments; empty if it is absent.
std::string_view value_of(std::string_view keyword, std::string_view arguments) {
  for (const python::Argument& argument : python::split_arguments(arguments)) {
    if (argument.keyword == keyword) return argument.value;
  }
  return {};
}

// Return the contents of the quoted texts in `value`.
std::vector<std::string_view> literals(std::string_view value) {
  std::vector<std::string_view> found;
  while (true) {
    const std::size_t open = value.find_first_of("\"'");
    if (open == std::string_view::npos) return found;
    const std::size_t close = value.find(value[open], open + 1);
    if (close == std::string_view::npos) return found;
    found.push_back(value.substr(open + 1, close - open - 1));
    value.remove_prefix(close + 1);
  }
}

// Return the attribute as the first class of a lineage sees it, or nullptr.
const python::Assignment* attribute(const std::vector<const python::Class*>& lineage, std::string_view name) {
  for (const python::Class* owner : lineage) {
    for (const python::Assignment& assignment : owner->attributes) {
      if (assignment.name == name) return &assignment;
    }
  }
  return nullptr;
}

// Return the text without line ends, and with at most one blank between words.
std::string in_one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (c != ' ' && c != '\n' && c != '\t') {
      if (c == ')' && line.ends_with(' ')) line.pop_back();
      line += c;
    } else if (!line.empty() && line.back() != ' ' && line.back() != '(') {
      line += ' ';
    }
  }
  if (line.ends_with(' ')) line.pop_back();
  if (line.ends_with(',')) line.pop_back();
  return line;
}

void visit_decorator(std::string_view name, std::string_view arguments, int line, const FactVisitor& visit) {
  visit(FactKind::decorator_name, name, line);
  if (arguments.empty()) {
    visit(FactKind::decorator, name, line);
  } else {
    visit(FactKind::decorator, fmt::format("{}({})", name, arguments), line);
  }
}

// Return the text between the lines of a function.
template <typename Placed>
std::span<const Placed> within(const std::vector<Placed>& all, const python::Function& function) {
  const auto first = std::ranges::lower_bound(all, function.line, {}, &Placed::line);
  const auto last = std::ranges::upper_bound(first, all.end(), function.end_line, {}, &Placed::line);
  return {first, last};
}

void visit_guard(const python::Guard* guard, const FactVisitor& visit) {
  for (const Condition& one : conditions_of(guard)) visit(FactKind::guard, one.text, one.line);
}

}  // namespace

std::string_view name_of(FactKind kind) {
  return fact_names.at(static_cast<std::size_t>(kind));
}

FileFacts::FileFacts(const std::string& path, const python::Module* module) : m_path(&path), m_module(module) {
  if (module == nullptr) return;
  for (const python::Function& function : module->functions) m_functions.emplace(function.name, &function);
  for (const python::Class& owner : module->classes) m_classes.emplace(owner.name, &owner);
  for (const python::Class& owner : module->classes) learn_lineage(owner);
  for (const python::Assignment& one : module->assignments) {
    if (one.value.ends_with(')')) m_stands_for.emplace(one.name, one.value);
  }
  for (const python::Import& one : module->imports) {
    if (!one.name.empty() && one.name != one.alias && !one.deferred) m_stands_for.emplace(one.alias, one.name);
  }
}

void FileFacts::learn_lineage(const python::Class& owner) {
  KnownClass& learnt = m_known[&owner];
  learnt.lineage.push_back(&owner);
  for (std::size_t i = 0; i < learnt.lineage.size(); ++i) {
    for (const std::string_view base : learnt.lineage[i]->bases) {
      const python::Class* found = find_class(base);
      const bool is_new = std::find(learnt.lineage.begin(), learnt.lineage.end(), found) == learnt.lineage.end();
      if (found != nullptr && is_new) learnt.lineage.push_back(found);
    }
  }
  for (const python::Class* ancestor : learnt.lineage) {
    for (const python::Function& method : ancestor->functions) learnt.methods.emplace(method.name, &method);
  }
  for (const python::Function& method : owner.functions) m_owners.emplace(&method, &owner);
}

void FileFacts::visit_file(const FactVisitor& visit) const {
  visit(FactKind::path, *m_path, 0);
  if (m_module == nullptr) return;
  for (const python::Import& import : m_module->imports) {
    visit(FactKind::imports, import.module, import.line);
    if (!import.name.empty()) visit(FactKind::imports, fmt::format("{}.{}", import.module, import.name), import.line);
  }
  for (const Condition& one : conditions_of_running(*m_module)) visit(FactKind::guard, one.text, one.line);
}

void FileFacts::visit_class(const python::Class& owner, const FactVisitor& visit) const {
  visit(FactKind::class_name, owner.name, owner.line);
  const KnownClass* learnt = known(&owner);
  for (const python::Class* ancestor : learnt->lineage) {
    for (const std::string_view base : ancestor->bases) visit(FactKind::base, base, ancestor->line);
  }
  visit_devices(owner, visit);
  if (const python::Assignment* found = attribute(learnt->lineage, name_of(FactKind::hw_classification))) {
    visit(FactKind::hw_classification, found->value, found->line);
  }
  visit_guard(owner.guard, visit);
  for (const python::Decorator& one : owner.decorators) visit(FactKind::class_decorator, one.name, one.line);
  visit_decorators(owner.decorators, visit);
}

void FileFacts::visit_decorators(const std::vector<python::Decorator>& decorators, const FactVisitor& visit) const {
  for (const python::Decorator& one : decorators) {
    visit_decorator(one.name, one.arguments, one.line, visit);
    for (auto [found, end] = m_stands_for.equal_range(one.name); found != end; ++found) {
      const python::CallText call = python::split_call(found->second);
      if (call.callee.empty()) {
        visit_decorator(found->second, {}, one.line, visit);
      } else {
        visit_decorator(call.callee, in_one_line(call.arguments), one.line, visit);
      }
    }
  }
}

void FileFacts::visit_function(const python::Function& function, const FactVisitor& visit) const {
  visit(FactKind::test, function.name, function.line);
  visit_guard(function.guard, visit);
  visit_skips(function, visit);
  visit_decorators(function.decorators, visit);
  for (const std::string_view name : function.names) visit(FactKind::mentions, name, function.line);
}

// The test is skipped if the condition holds: it needs the opposite.
void FileFacts::visit_skips(const python::Function& function, const FactVisitor& visit) const {
  for (const python::Skip& skip : within(m_module->skips, function)) {
    const python::Guard opposite{skip.condition, true, nullptr, skip.line};
    visit_guard(&opposite, visit);
  }
}

void FileFacts::visit_libraries(const python::Function& function, const FactVisitor& visit) const {
  for (const python::Library& library : within(m_module->libraries, function)) {
    visit(FactKind::loads, library.name, library.line);
  }
}

void FileFacts::visit_calls(const python::Function& function, const FactVisitor& visit) const {
  for (const std::string_view call : function.calls) visit(FactKind::calls, call, function.line);
  visit_libraries(function, visit);
}

void FileFacts::visit_set_up(const python::Function& function, const FactVisitor& visit) const {
  for (const std::string_view call : function.calls) visit(FactKind::loads, call, function.line);
  visit_libraries(function, visit);
  visit_skips(function, visit);
}

std::vector<const python::Function*> FileFacts::set_up(const python::Class* owner) const {
  constexpr std::array<std::string_view, 5> names{"setUp", "setUpClass", "asyncSetUp", "__init__", "setup_method"};
  std::vector<const python::Function*> found;
  if (const auto module = m_functions.find("setUpModule"); module != m_functions.end()) found.push_back(module->second);
  const KnownClass* learnt = known(owner);
  if (learnt == nullptr) return found;
  // Base classes' functions, too: super() calls them.
  for (const python::Class* ancestor : learnt->lineage) {
    for (const python::Function& method : ancestor->functions) {
      if (std::ranges::find(names, method.name) != names.end()) found.push_back(&method);
    }
  }
  return found;
}

// A class that is instantiated twice, once without a restriction, is not restricted.
void FileFacts::visit_devices(const python::Class& owner, const FactVisitor& visit) const {
  std::vector<std::pair<std::string_view, int>> only;
  bool restricted = true;
  for (const python::Instantiation& instantiation : m_module->instantiations) {
    if (instantiation.target != owner.name || instantiation.function != "instantiate_device_type_tests") continue;
    const auto named = devices(instantiation.arguments, name_of(FactKind::only_for));
    if (named.empty()) restricted = false;
    for (const std::string_view device : named) only.emplace_back(device, instantiation.line);
    for (const std::string_view device : devices(instantiation.arguments, name_of(FactKind::except_for))) {
      visit(FactKind::except_for, device, instantiation.line);
    }
  }
  if (!restricted) return;
  for (const auto& [device, line] : only) visit(FactKind::only_for, device, line);
}

std::vector<std::string_view> FileFacts::devices(std::string_view arguments, std::string_view keyword) const {
  const std::string_view value = value_of(keyword, arguments);
  if (value.find_first_of("\"'") != std::string_view::npos) return literals(value);
  std::vector<std::string_view> found;
  for (const std::string_view one : python::values_of(*m_module, value)) {
    const auto named = literals(one);
    found.insert(found.end(), named.begin(), named.end());
  }
  return found;
}

std::vector<const python::Function*> FileFacts::helpers(const python::Class* owner,
                                                        const python::Function& function) const {
  std::vector<const python::Function*> found;
  const KnownClass* own = known(owner);
  const auto take = [&](const auto& among, std::string_view name) {
    const auto entry = among.find(name);
    if (entry != among.end() && entry->second != &function) found.push_back(entry->second);
  };
  for (const std::string_view name : function.names) {
    const std::size_t dot = name.find('.');
    if (dot == std::string_view::npos) {
      take(m_functions, name);
      continue;
    }
    const std::string_view object = name.substr(0, dot), member = name.substr(dot + 1);
    if (member.find('.') != std::string_view::npos) continue;
    const bool through_self = object.empty() || object == "self" || object == "cls" || object == "super";
    const KnownClass* of = through_self ? own : known(find_class(object));
    if (of != nullptr) take(of->methods, member);
  }
  return found;
}

const python::Class* FileFacts::owner_of(const python::Function& function) const {
  const auto found = m_owners.find(&function);
  return found == m_owners.end() ? nullptr : found->second;
}

const python::Class* FileFacts::class_of(std::string_view unit) const {
  const auto found = std::find_if(m_classes.begin(), m_classes.end(),
                                  [&](const auto& entry) { return unit_id(*m_path, entry.first) == unit; });
  return found == m_classes.end() ? nullptr : found->second;
}

const python::Class* FileFacts::find_class(std::string_view name) const {
  const auto exact = m_classes.find(name);
  const auto found = exact == m_classes.end() ? m_classes.find(last_part(name)) : exact;
  return found == m_classes.end() ? nullptr : found->second;
}

const FileFacts::KnownClass* FileFacts::known(const python::Class* owner) const {
  const auto found = m_known.find(owner);
  return found == m_known.end() ? nullptr : &found->second;
}

}  // namespace spyre::testsel
