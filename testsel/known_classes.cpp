// SPDX-License-Identifier: Apache-2.0
#include "testsel/known_classes.hpp"

#include <algorithm>
#include <utility>

#include "testsel/source_tree.hpp"
#include "testsel/test_classes.hpp"
#include "testsel/unit_id.hpp"

namespace spyre::testsel {
namespace {

using ClassesByName = std::map<std::string_view, const python::Class*>;

constexpr int most_imports = 16;            // in a row, from file to file
constexpr std::size_t most_ancestors = 64;  // of one class

// The class and those of the same file that it inherits from, nearest first.
std::vector<const python::Class*> local_lineage(const python::Class& derived, const ClassesByName& classes) {
  std::vector<const python::Class*> lineage{&derived};
  for (std::size_t i = 0; i < lineage.size() && lineage.size() < most_ancestors; ++i) {
    for (const std::string_view base : lineage[i]->bases) {
      const auto found = classes.find(base);
      if (found == classes.end()) continue;
      if (std::find(lineage.begin(), lineage.end(), found->second) == lineage.end()) lineage.push_back(found->second);
    }
  }
  return lineage;
}

KnownClasses written_in(const TestFile& file) {
  KnownClasses known;
  known[""].unit = file.path;
  if (!file.module) return known;
  // By name: a class that is defined twice, behind a condition, is one class.
  std::map<std::string_view, std::vector<const Test*>> written;
  for (const Test& test : file.tests) written[test.owner == nullptr ? "" : test.owner->name].push_back(&test);
  ClassesByName classes;
  for (const python::Class& one : file.module->classes) classes[one.name] = &one;

  const auto add_tests = [&](KnownClass& to, std::string_view from, KnownTest::Origin origin) {
    const auto tests = written.find(from);
    if (tests == written.end()) return;
    for (const Test* test : tests->second)
      to.tests.try_emplace(std::string(test->function->name), KnownTest{test->id, origin});
  };
  add_tests(known[""], "", KnownTest::Origin::here);
  for (const auto& [name, definition] : classes) {
    KnownClass& one = known[std::string(name)];
    one.unit = unit_id(file.path, name);
    const bool generates = std::binary_search(file.generators.begin(), file.generators.end(), one.unit);
    if (!generates && !written.contains(name)) one.unit = file.path;
    for (const python::Class* ancestor : local_lineage(*definition, classes)) {
      add_tests(one, ancestor->name, ancestor == definition ? KnownTest::Origin::here : KnownTest::Origin::base);
    }
  }
  return known;
}

class Importer {
 public:
  explicit Importer(SourceTree& sources) : m_sources(&sources) {}

  // Everything that is bound in the file, whichever file it comes from.
  KnownClasses bound_in(const TestFile& file, int depth = 0) {
    KnownClasses known = written_in(file);
    if (!file.module || depth > most_imports) return known;
    for (const python::Import& import : file.module->imports) {
      if (import.deferred || import.name.empty()) continue;
      if (import.module.starts_with("torch")) {
        add_helper(known[""], import);
        continue;
      }
      const std::string from = m_sources->file_of(file.path, import.module);
      if (is_test_file(from) && from != file.path) add(known, bound_in(from, depth + 1), import);
    }
    return known;
  }

 private:
  // pytest takes every function of the module that is named test_* for a test, also PyTorch's own test_only_eval_fn.
  static void add_helper(KnownClass& functions, const python::Import& import) {
    if (!is_test_name(import.alias)) return;
    functions.tests.try_emplace(std::string(import.alias),
                                KnownTest{unit_id(import.module, {}, import.name), KnownTest::Origin::elsewhere});
  }

  const KnownClasses& bound_in(const std::string& path, int depth) {
    // Files that import each other see each other empty: enough for names that are written in one of them.
    const auto [known, fresh] = m_files.try_emplace(path);
    if (fresh) known->second = bound_in(read_test_file(*m_sources, path), depth);
    return known->second;
  }

  static void add(KnownClasses& to, const KnownClasses& from, const python::Import& import) {
    if (import.name == "*") {
      for (const auto& [name, known] : from) add(to, name, known);
      return;
    }
    auto found = from.find(import.name);
    if (found == from.end()) found = find_template(from, import.name, import.name.size());
    if (found != from.end()) {
      add(to, import.alias, found->second);
      return;
    }
    const auto functions = from.find("");
    if (functions == from.end()) return;
    if (const auto test = functions->second.tests.find(import.name); test != functions->second.tests.end()) {
      to[""].tests.try_emplace(std::string(import.alias), KnownTest{test->second.unit, KnownTest::Origin::elsewhere});
    }
  }

  // What the file writes itself stays.
  static void add(KnownClasses& to, std::string_view name, KnownClass known) {
    for (auto& [test, origin] : known.tests) origin.origin = KnownTest::Origin::elsewhere;
    if (name.empty()) {
      to[""].tests.merge(known.tests);
      return;
    }
    known.imported = true;
    to.try_emplace(std::string(name), std::move(known));
  }

  SourceTree* m_sources;
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

KnownClasses::const_iterator find_template(const KnownClasses& classes, std::string_view name, std::size_t below) {
  for (std::size_t length = below; length-- > 1;) {
    if (!is_class_suffix(name.substr(length))) continue;
    if (const auto found = classes.find(name.substr(0, length)); found != classes.end()) return found;
  }
  return classes.end();
}

}  // namespace spyre::testsel
