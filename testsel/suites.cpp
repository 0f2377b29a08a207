// SPDX-License-Identifier: Apache-2.0
#include "testsel/suites.hpp"

#include <algorithm>
#include <set>

#include "testsel/inventory.hpp"

namespace spyre::testsel {
namespace {

constexpr int most_copies = 8;  // of copies

std::string_view last_part(std::string_view dotted) {
  return dotted.substr(dotted.rfind('.') + 1);
}

// Return "Outer" for "Outer.Inner"; empty at module level.
std::string_view outer_part(std::string_view dotted) {
  return dotted.substr(0, std::max(dotted.rfind('.') + 1, std::size_t{1}) - 1);
}

bool names_a_test_case(std::string_view base) {
  return last_part(base.substr(0, base.find_first_of("[("))).find("Test") != std::string_view::npos;
}

bool has_init(const python::Class& one) {
  return std::any_of(one.functions.begin(), one.functions.end(), [](const auto& f) { return f.name == "__init__"; });
}

bool opts_out(const python::Class& one) {
  return std::any_of(one.attributes.begin(), one.attributes.end(),
                     [](const auto& a) { return a.name == "__test__" && a.value == "False"; });
}

// Functions that make classes of another one for each device. Those that only expand parameters change the class
// itself.
bool makes_classes(std::string_view function) {
  return last_part(function).starts_with("instantiate_") && last_part(function) != "instantiate_parametrized_tests";
}

std::set<std::string_view> instantiated(const python::Module& module) {
  std::set<std::string_view> names;
  for (const python::Instantiation& one : module.instantiations) {
    if (makes_classes(one.function)) names.insert(one.target);
  }
  for (const python::Class& one : module.classes) {
    if (std::ranges::any_of(one.decorators, [](const auto& d) { return makes_classes(d.name); }))
      names.insert(one.name);
  }
  return names;
}

// `test_x = None` removes an inherited test.
bool takes_away(const python::Assignment& attribute) {
  return is_test_name(attribute.name) && attribute.value == "None";
}

}  // namespace

SuiteReader::Kin SuiteReader::kin_of(const FoundClass& one) {
  const Lineage& lineage = m_sources->lineage(one);
  return {std::ranges::any_of(lineage.foreign, names_a_test_case),
          std::ranges::any_of(lineage.classes, [](const FoundClass& found) { return has_init(*found.definition); })};
}

SuiteReader::Kin SuiteReader::kin_of(const FoundName& source, int depth) {
  if (source.definition != nullptr) return kin_of(FoundClass{source.path, source.definition});
  if (source.assignment == nullptr || depth > most_copies) return {};
  const auto copies = m_copies.made_by(*source.path, source.assignment->value);
  return copies.empty() ? Kin{} : kin_of(copies.front().source, depth + 1);
}

// The nearest definition is added first, and stays.
void SuiteReader::add_members(const FoundName& source, bool inherited, Draft& draft, int depth) {
  if (depth > most_copies) return;
  if (source.assignment != nullptr) {
    for (const ClassCopy& copy : m_copies.made_by(*source.path, source.assignment->value)) {
      add_copy(copy, draft, depth + 1);
    }
  }
  if (source.definition == nullptr) return;
  const FoundClass itself{source.path, source.definition};
  if (inherited) {
    add_lineage(itself, draft, depth);
  } else {
    add_members_of(itself, draft, depth);
    add_made_tests({itself}, draft);
  }
}

void SuiteReader::add_lineage(const FoundClass& derived, Draft& draft, int depth) {
  const std::vector<FoundClass>& classes = m_sources->lineage(derived).classes;
  for (const FoundClass& one : classes) add_members_of(one, draft, depth);
  add_made_tests(classes, draft);
}

// `test_x = skip(Base.test_x)` is the base's test: made tests come last.
void SuiteReader::add_made_tests(const std::vector<FoundClass>& classes, Draft& draft) {
  for (const FoundClass& one : classes) {
    for (const python::Function& made : one.definition->made_tests) {
      const Member test = test_behind(made, one);
      add_member(made.name, *test.function, test.owner, draft);
    }
  }
}

// `test_x_dynamic = Other.test_x` is the other's test under a name of its own.
Member SuiteReader::test_behind(const python::Function& made, const FoundClass& owner) {
  for (const std::string_view name : made.names) {
    const std::string_view last = last_part(name);
    if (!is_test_name(last)) continue;
    const FoundClass of = last.size() == name.size() ? owner : m_sources->find_class(*owner.path, outer_part(name));
    if (!of) continue;
    for (const FoundClass& one : m_sources->lineage(of).classes) {
      const auto& functions = one.definition->functions;
      const auto found = std::ranges::find(functions, last, &python::Function::name);
      if (found != functions.end()) return {made.name, one, &*found, {}};
    }
  }
  return {made.name, owner, &made, {}};
}

void SuiteReader::add_member(std::string_view name, const python::Function& function, const FoundClass& owner,
                             Draft& draft) {
  auto& [suite, index] = draft;
  const auto [known, fresh] = index.try_emplace(name, suite.members.size());
  if (fresh) {
    suite.members.push_back({name, owner, &function, {}});
  } else if (known->second < suite.members.size() &&
             suite.members[known->second].owner.definition == owner.definition) {
    suite.members[known->second].function = &function;  // defined again
  }
}

void SuiteReader::add_members_of(const FoundClass& one, Draft& draft, int depth) {
  for (const python::Function& function : one.definition->functions) {
    if (is_test_name(function.name)) add_member(function.name, function, one, draft);
  }
  for (const python::Assignment& attribute : one.definition->attributes) {
    if (takes_away(attribute)) draft.index.try_emplace(attribute.name, std::string_view::npos);
  }
  const FileCopies& copies = m_copies.in(*one.path);
  draft.suite.open |= std::ranges::binary_search(copies.generated, one.definition->name);
  for (const ClassCopy& copy : copies.copies) {
    if (!copy.makes && copy.target == one.definition->name) add_copy(copy, draft, depth + 1);
  }
}

void SuiteReader::add_copy(const ClassCopy& copy, Draft& draft, int depth) {
  const std::size_t before = draft.suite.members.size();
  add_members(copy.source, copy.inherited, draft, depth);
  for (std::size_t i = before; i < draft.suite.members.size(); ++i) {
    std::vector<std::string_view>& suffixes = draft.suite.members[i].suffixes;
    suffixes.insert(suffixes.end(), copy.suffixes.begin(), copy.suffixes.end());
  }
}

// Classes and functions imported from a file which is not a test file run only here. PyTorch's own functions that are
// named like tests are helpers of tests.
Suite SuiteReader::functions(const std::string& path, const python::Module& module) {
  Draft draft;
  const std::string* const itself = m_sources->place(path);
  for (const python::Function& function : module.functions) {
    if (!is_test_name(function.name)) continue;
    const auto [known, fresh] = draft.index.try_emplace(function.name, draft.suite.members.size());
    if (fresh) {
      draft.suite.members.push_back({function.name, {itself, nullptr}, &function, {}});
    } else {
      draft.suite.members[known->second].function = &function;
    }
  }
  for (const python::Import& import : module.imports) {
    if (import.deferred || !is_test_name(import.alias) || import.module.starts_with("torch")) continue;
    const FoundName found = m_sources->find(path, import.alias);
    if (found.function == nullptr || is_test_file(*found.path)) continue;
    if (draft.index.try_emplace(import.alias, draft.suite.members.size()).second) {
      draft.suite.members.push_back({import.alias, {found.path, nullptr}, found.function, {}});
    }
  }
  return std::move(draft.suite);
}

// By class of the module.
std::vector<bool> SuiteReader::collected(const std::string& path, const python::Module& module) {
  const std::set<std::string_view> templates = instantiated(module);
  const std::set<std::string_view> deleted(module.deleted.begin(), module.deleted.end());
  std::set<std::string_view> plain_suites;  // collected, and not unittest's
  std::vector<bool> found(module.classes.size());
  const std::string* const itself = m_sources->place(path);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const python::Class& one = module.classes[i];
    const Kin kin = kin_of(FoundClass{itself, &one});
    const std::string_view outer = outer_part(one.name);
    const bool reachable = (outer.empty() || plain_suites.contains(outer)) && !deleted.contains(one.name);
    const bool by_name = reachable && !opts_out(one) && kin.collected_as(last_part(one.name));
    found[i] = by_name || templates.contains(one.name);
    if (found[i] && !kin.test_case) plain_suites.insert(one.name);
  }
  return found;
}

void SuiteReader::add_written(const std::string& path, const python::Module& module, std::vector<Suite>& suites) {
  const std::vector<bool> wanted = collected(path, module);
  const std::string* const itself = m_sources->place(path);
  std::vector<Draft> drafts;
  std::unordered_map<std::string_view, std::size_t> by_name;
  // Backwards: of two classes of a name, each behind a condition, the last one counts, but both may have tests.
  for (std::size_t i = module.classes.size(); i-- > 0;) {
    const python::Class& one = module.classes[i];
    if (!wanted[i]) continue;
    const auto [known, fresh] = by_name.try_emplace(one.name, drafts.size());
    if (fresh) {
      drafts.emplace_back();
      drafts.back().suite.name = one.name;
      drafts.back().suite.definition = &one;
    }
    Draft& draft = drafts[known->second];
    add_lineage({itself, &one}, draft);
  }
  for (auto draft = drafts.rbegin(); draft != drafts.rend(); ++draft) suites.push_back(std::move(draft->suite));
}

void SuiteReader::add_made(const std::string& path, std::vector<Suite>& suites) {
  for (const ClassCopy& copy : m_copies.in(path).copies) {
    if (!copy.makes || !kin_of(copy.source).collected_as(copy.target)) continue;
    Draft draft;
    draft.suite.unnamed = copy.target.empty();
    draft.suite.name =
        draft.suite.unnamed && copy.source.definition != nullptr ? copy.source.definition->name : copy.target;
    add_copy(copy, draft, 0);
    suites.push_back(std::move(draft.suite));
  }
}

void SuiteReader::add_imported(const std::string& path, const python::Module& module, std::vector<Suite>& suites) {
  for (const python::Import& import : module.imports) {
    if (import.deferred || import.name.empty()) continue;
    if (import.name != "*") {
      if (names_a_test_case(import.alias))
        add_imported(m_sources->find_class(path, import.alias), import.alias, suites);
      continue;
    }
    const std::string from = m_sources->file_of(path, import.module);
    if (from.empty() || is_test_file(from)) continue;
    const auto module_of = m_sources->module(from);
    for (const python::Class& one : module_of->classes) {
      if (outer_part(one.name).empty()) add_imported({m_sources->place(from), &one}, one.name, suites);
    }
  }
  for (const std::string_view name : instantiated(module)) {
    if (const FoundClass found = m_sources->find_class(path, name)) add_foreign(found, name, suites);
  }
}

void SuiteReader::add_imported(const FoundClass& found, std::string_view name, std::vector<Suite>& suites) {
  if (!found || is_test_file(*found.path) || opts_out(*found.definition)) return;
  if (kin_of(found).collected_as(name)) add_foreign(found, name, suites);
}

void SuiteReader::add_foreign(const FoundClass& found, std::string_view name, std::vector<Suite>& suites) {
  if (std::ranges::any_of(suites, [&](const Suite& one) { return one.name == name; })) return;
  Draft draft;
  draft.suite.name = name;
  add_lineage(found, draft);
  if (!draft.suite.members.empty() || draft.suite.open) suites.push_back(std::move(draft.suite));
}

std::vector<Suite> SuiteReader::suites(const std::string& path) {
  const std::shared_ptr<const python::Module> module = m_sources->module(path);
  if (!module) return {};
  std::vector<Suite> suites{functions(path, *module)};
  add_written(path, *module, suites);
  add_made(path, suites);
  add_imported(path, *module, suites);
  return suites;
}

}  // namespace spyre::testsel
