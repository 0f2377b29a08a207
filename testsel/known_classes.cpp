// SPDX-License-Identifier: Apache-2.0
#include "testsel/known_classes.hpp"

#include <algorithm>
#include <utility>

#include "testsel/source_tree.hpp"
#include "testsel/suites.hpp"
#include "testsel/unit_id.hpp"

namespace spyre::testsel {
namespace {

using Origin = KnownTest::Origin;

constexpr int most_imports = 16;  // limit of imports in a row, from file to file

bool lists(const TestFile& file, const std::string& generator) {
  return std::binary_search(file.generators.begin(), file.generators.end(), generator);
}

// Return the nearest unit that is listed: the class, the file or, if neither makes tests, the first test, else the
// first class that makes some.
std::string unit_of_generated(const TestFile& file, std::string_view class_name, const KnownClass& known) {
  std::string own = unit_id(file.path, class_name);
  if (lists(file, own)) return own;
  if (lists(file, file.path)) return file.path;
  if (!known.tests.empty()) return known.tests.begin()->second.unit;
  if (!file.tests.empty()) return file.tests.front().id;
  return file.generators.empty() ? file.path : file.generators.front();
}

KnownClass known_suite(const TestFile& file, const Suite& suite) {
  KnownClass known;
  for (const Member& member : suite.members) {
    const python::Class* definition = member.owner.definition;
    const std::string_view owner = definition == nullptr ? std::string_view{} : definition->name;
    // By name: two classes of one name, each behind a condition, both belong to the suite itself.
    const bool here = !suite.unnamed && owner == suite.name && *member.owner.path == file.path;
    known.tests.emplace(member.name, KnownTest{unit_id(file.path, owner, member.function->name),
                                               here || definition == nullptr ? Origin::here : Origin::lent,
                                               {member.suffixes.begin(), member.suffixes.end()}});
  }
  known.unit = unit_of_generated(file, suite.name, known);
  return known;
}

KnownClasses written_in(const TestFile& file, const std::vector<Suite>& suites) {
  KnownClasses known;
  for (const Suite& suite : suites) {
    KnownClass one = known_suite(file, suite);
    if (suite.unnamed) {
      known.unnamed.emplace_back(suite.name, std::move(one));
    } else {
      known.classes.insert_or_assign(std::string(suite.name), std::move(one));
    }
  }
  if (!file.module) {
    known.classes[""].unit = file.path;
    return known;
  }
  for (const python::Class& one : file.module->classes) {
    const auto [entry, fresh] = known.classes.try_emplace(std::string(one.name));
    if (fresh) entry->second.unit = unit_of_generated(file, one.name, entry->second);
    entry->second.decorated |= !one.decorators.empty();
  }
  return known;
}

class Importer {
 public:
  explicit Importer(SourceTree& sources) : m_sources(&sources), m_suites(sources) {}

  // Every name that is bound in the file, wherever it is defined.
  KnownClasses bound_in(const TestFile& file, int depth = 0) {
    KnownClasses known = written_in(file, m_suites.suites(file.path));
    if (!file.module || depth > most_imports) return known;
    for (const python::Import& import : file.module->imports) {
      if (import.deferred || import.name.empty()) continue;
      if (import.module.starts_with("torch")) {
        add_helper(known.classes[""], import);
        continue;
      }
      const std::string from = m_sources->file_of(file.path, import.module);
      if (is_test_file(from) && from != file.path) add(known, bound_in(from, depth + 1), import);
    }
    return known;
  }

 private:
  // pytest collects every function of the module that is named test_*, also PyTorch's own test_only_eval_fn.
  static void add_helper(KnownClass& functions, const python::Import& import) {
    if (!is_test_name(import.alias)) return;
    functions.tests.try_emplace(std::string(import.alias),
                                KnownTest{unit_id(import.module, {}, import.name), Origin::elsewhere, {}});
  }

  const KnownClasses& bound_in(const std::string& path, int depth) {
    // Files that import each other see each other empty: enough for names that are defined in one of them.
    const auto [known, fresh] = m_files.try_emplace(path);
    if (fresh) known->second = bound_in(read_test_file(*m_sources, m_suites, path), depth);
    return known->second;
  }

  static void add(KnownClasses& to, const KnownClasses& from, const python::Import& import) {
    if (import.name == "*") {
      for (const auto& [name, known] : from.classes) add(to, name, known);
      return;
    }
    const auto found = from.classes.find(import.name);
    if (found != from.classes.end()) return add(to, import.alias, found->second);
    if (const auto* made = from.find_template(import.name, import.name.size()))
      return add(to, import.alias, made->second);
    const auto functions = from.classes.find("");
    if (functions == from.classes.end()) return;
    if (const auto test = functions->second.tests.find(import.name); test != functions->second.tests.end()) {
      to.classes[""].tests.try_emplace(std::string(import.alias), KnownTest{test->second.unit, Origin::elsewhere, {}});
    }
  }

  // Definitions of the file itself stay.
  static void add(KnownClasses& to, std::string_view name, KnownClass known) {
    for (auto& [test, origin] : known.tests) origin.origin = Origin::elsewhere;
    if (name.empty()) {
      to.classes[""].tests.merge(known.tests);
      return;
    }
    known.imported = true;
    to.classes.try_emplace(std::string(name), std::move(known));
  }

  SourceTree* m_sources;
  SuiteReader m_suites;
  std::map<std::string, KnownClasses> m_files;
};

bool is_class_suffix(std::string_view text) {
  return text.starts_with('_') || std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
         });
}

}  // namespace

KnownClasses known_classes(const FileTree& tree, const TestFile& file) {
  SourceTree sources(tree);
  if (file.module) sources.add(file.path, file.module);
  return Importer(sources).bound_in(file);
}

const std::pair<const std::string, KnownClass>* KnownClasses::find_template(std::string_view name,
                                                                            std::size_t below) const {
  for (std::size_t length = below; length-- > 1;) {
    if (!is_class_suffix(name.substr(length))) continue;
    if (const auto found = classes.find(name.substr(0, length)); found != classes.end()) return &*found;
  }
  return nullptr;
}

}  // namespace spyre::testsel
