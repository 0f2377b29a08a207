// SPDX-License-Identifier: Apache-2.0
#include "testsel/inventory.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "agent/core/parallel.hpp"
#include "testsel/python/reader.hpp"
#include "testsel/source_tree.hpp"
#include "testsel/test_classes.hpp"
#include "testsel/unit_id.hpp"

namespace spyre::testsel {
namespace {

// A value that may be a function or a class: neither a literal nor a container.
bool may_be_made(std::string_view value) {
  return !value.empty() && std::string_view("\"'([{-0123456789").find(value.front()) == std::string_view::npos &&
         value != "None" && value != "True" && value != "False";
}

// `TestFoo = make_test_class(…)`. Enumerations are made by calls too, and are no tests.
bool makes_a_class(const python::Assignment& assignment) {
  const std::string_view callee = assignment.value.substr(0, assignment.value.find('('));
  return assignment.name.starts_with("Test") && assignment.value.ends_with(')') && may_be_made(assignment.value) &&
         !callee.ends_with("Enum") && !callee.ends_with("namedtuple");
}

bool makes_methods(const python::Class& one) {
  return std::any_of(one.attributes.begin(), one.attributes.end(),
                     [](const auto& a) { return is_test_name(a.name) && may_be_made(a.value); });
}

bool lends_tests(const FoundClass& found, SourceTree& tree) {
  const Lineage lineage = tree.lineage(found);
  return std::any_of(lineage.classes.begin(), lineage.classes.end(),
                     [](const FoundClass& one) { return has_tests(*one.definition); });
}

// Test classes and functions that come from a file which is no test file itself: nobody else runs them.
bool imports_generated(const TestFile& file, SourceTree& tree) {
  for (const python::Import& import : file.module->imports) {
    if (import.deferred || import.name.empty()) continue;
    if (import.alias.starts_with("Test")) {
      const FoundClass found = tree.find_class(file.path, import.alias);
      if (found && !is_test_file(*found.path) && lends_tests(found, tree)) return true;
    } else if (is_test_name(import.alias)) {
      const std::string from = tree.file_of(file.path, import.module);
      // Functions of PyTorch itself that are named like tests are helpers of tests.
      if (from.empty() || is_test_file(from) || import.module.starts_with("torch")) continue;
      const auto& functions = tree.module(from)->functions;
      if (std::any_of(functions.begin(), functions.end(), [&](const auto& f) { return f.name == import.name; })) {
        return true;
      }
    }
  }
  return false;
}

void list_tests(TestFile& file, const std::vector<TestClass>& classes) {
  for (const TestClass& one : classes) {
    if (!one.holds) continue;
    for (const python::Function& method : one.definition->functions) {
      if (is_test_name(method.name)) {
        file.tests.push_back({unit_id(file.path, one.definition->name, method.name), one.definition, &method});
      }
    }
  }
  for (const python::Function& function : file.module->functions) {
    if (is_test_name(function.name)) file.tests.push_back({unit_id(file.path, {}, function.name), nullptr, &function});
  }
  std::stable_sort(file.tests.begin(), file.tests.end(),
                   [](const Test& a, const Test& b) { return a.function->line < b.function->line; });
  std::set<std::string_view> seen;
  std::vector<bool> replaced(file.tests.size());
  for (std::size_t i = file.tests.size(); i-- > 0;) replaced[i] = !seen.insert(file.tests[i].id).second;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < file.tests.size(); ++i) {
    if (!replaced[i]) std::swap(file.tests[kept++], file.tests[i]);
  }
  file.tests.resize(kept);
}

void list_generators(TestFile& file, const std::vector<TestClass>& classes, SourceTree& tree) {
  std::set<std::string> units;
  const auto& evident = file.module->generates;
  for (const TestClass& one : classes) {
    const python::Class& definition = *one.definition;
    const bool named = std::binary_search(evident.begin(), evident.end(), definition.name);
    if ((one.holds && (named || makes_methods(definition))) || one.borrows) {
      units.insert(unit_id(file.path, definition.name));
    }
  }
  const auto& assignments = file.module->assignments;
  if (std::binary_search(evident.begin(), evident.end(), std::string_view{}) ||
      std::any_of(assignments.begin(), assignments.end(), makes_a_class) || imports_generated(file, tree)) {
    units.insert(file.path);
  }
  file.generators.assign(units.begin(), units.end());
}

void list_units(TestFile& file, SourceTree& tree) {
  if (!file.module) return;
  const std::vector<TestClass> classes = test_classes(file.path, *file.module, tree);
  list_tests(file, classes);
  list_generators(file, classes, tree);
}

// Only what the file itself says: its units depend on other files.
Result<TestFile> parse(const FileTree& tree, const std::string& path) {
  TestFile file{path, nullptr, {}, {}, {}};
  TRY(std::string text, tree.read(path));
  if (auto module = python::read_module(std::move(text))) {
    file.module = std::make_shared<const python::Module>(std::move(*module));
  } else {
    file.error = std::move(module).error().message;
  }
  return file;
}

Error not_pytorch(std::string_view why) {
  return {ErrorKind::invalid, fmt::format("this is not a source tree of PyTorch: {}", why),
          "name a checkout or a repository of https://github.com/pytorch/pytorch"};
}

Result<std::vector<std::string>> test_paths(const FileTree& tree) {
  auto paths = tree.list("test");
  if (!paths && paths.error().kind != ErrorKind::not_found) return tl::make_unexpected(paths.error());
  if (!paths) return tl::make_unexpected(not_pytorch("it has no folder test/"));
  std::erase_if(*paths, [](const std::string& path) { return !is_test_file(path); });
  if (paths->empty()) return tl::make_unexpected(not_pytorch("there is no test_*.py beneath test/"));
  if (!tree.read("torch/__init__.py") && !tree.list("torch")) {
    return tl::make_unexpected(not_pytorch("it has no folder torch/"));
  }
  return paths;
}

}  // namespace

bool is_test_file(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return path.starts_with("test/") && name.starts_with("test_") && name.ends_with(".py");
}

std::size_t Inventory::test_count() const {
  return std::accumulate(files.begin(), files.end(), std::size_t{0},
                         [](std::size_t sum, const TestFile& file) { return sum + file.tests.size(); });
}

Result<TestFile> read_test_file(const FileTree& tree, const std::string& path) {
  TRY(TestFile file, parse(tree, path));
  SourceTree sources(tree);
  if (file.module) sources.add(path, file.module);
  list_units(file, sources);
  return file;
}

TestFile read_test_file(SourceTree& sources, const std::string& path) {
  TestFile file{path, sources.module(path), {}, {}, {}};
  list_units(file, sources);
  return file;
}

Result<Inventory> read_inventory(const FileTree& tree) {
  TRY(const std::vector<std::string> paths, test_paths(tree));
  std::vector<std::optional<Result<TestFile>>> parsed(paths.size());
  parallel_for(paths.size(), [&](std::size_t i) { parsed[i] = parse(tree, paths[i]); });

  Inventory inventory{tree.revision(), {}};
  inventory.files.reserve(paths.size());
  SourceTree sources(tree);
  for (auto& one : parsed) {
    TRY(TestFile file, *std::move(one));
    if (file.module) sources.add(file.path, file.module);
    inventory.files.push_back(std::move(file));
  }
  for (TestFile& file : inventory.files) list_units(file, sources);
  return inventory;
}

nlohmann::json to_json(const Inventory& inventory) {
  auto files = nlohmann::json::array();
  std::size_t generators = 0;
  for (const TestFile& file : inventory.files) {
    auto tests = nlohmann::json::array();
    for (const Test& test : file.tests) tests.push_back({{"id", test.id}, {"line", test.function->line}});
    nlohmann::json entry{{"path", file.path}, {"tests", std::move(tests)}};
    if (!file.generators.empty()) entry["generators"] = file.generators;
    if (!file.error.empty()) entry["error"] = file.error;
    generators += file.generators.size();
    files.push_back(std::move(entry));
  }
  const nlohmann::json totals{
      {"files", inventory.files.size()}, {"tests", inventory.test_count()}, {"generators", generators}};
  return {{"schema", schema_id("inventory")},
          {"revision", inventory.revision},
          {"files", std::move(files)},
          {"totals", totals}};
}

}  // namespace spyre::testsel
