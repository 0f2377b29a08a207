// SPDX-License-Identifier: Apache-2.0
#include "testsel/inventory.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "agent/core/parallel.hpp"
#include "testsel/python/reader.hpp"
#include "testsel/source_tree.hpp"
#include "testsel/suites.hpp"
#include "testsel/unit_id.hpp"

namespace spyre::testsel {
namespace {

// A value that may be a function or a class: neither a literal nor a container.
bool may_be_made(std::string_view value) {
  return !value.empty() && std::string_view("\"'([{-0123456789").find(value.front()) == std::string_view::npos &&
         value != "None" && value != "True" && value != "False";
}

// `TestFoo = make_test_class(…)`. Enumerations are made by calls too, but are not tests.
bool makes_a_class(const python::Assignment& assignment) {
  const std::string_view callee = assignment.value.substr(0, assignment.value.find('('));
  return assignment.name.starts_with("Test") && assignment.value.ends_with(')') && may_be_made(assignment.value) &&
         !callee.ends_with("Enum") && !callee.ends_with("namedtuple");
}

// Lists the tests that a file runs.
class Lister {
 public:
  Lister(TestFile& file, SourceTree& sources) : m_file(file), m_sources(sources) {}

  void list(const std::vector<Suite>& suites, const std::vector<std::string_view>& generated) {
    for (const Suite& suite : suites) {
      for (const Member& member : suite.members) add(suite, member);
    }
    sort();
    list_generators(suites, generated);
    find_runners(suites);
  }

 private:
  void add(const Suite& suite, const Member& member) {
    const python::Class* owner = member.owner.definition;
    std::string id = unit_id(m_file.path, owner == nullptr ? std::string_view{} : owner->name, member.function->name);
    if (owner != nullptr && !suite.name.empty()) m_run_by[owner].insert(&suite);
    if (!m_seen.emplace(id, member.function).second) return;
    m_file.tests.push_back({std::move(id), owner, member.function, lender(*member.owner.path)});
  }

  const Lender* lender(const std::string& path) {
    if (path == m_file.path) return nullptr;
    const auto known =
        std::find_if(m_file.lenders.begin(), m_file.lenders.end(), [&](const auto& one) { return one->path == path; });
    if (known != m_file.lenders.end()) return known->get();
    m_file.lenders.push_back(std::make_shared<const Lender>(Lender{path, m_sources.module(path)}));
    return m_file.lenders.back().get();
  }

  // Own tests by line; tests of lenders follow in the order in which they were found.
  void sort() {
    std::stable_sort(m_file.tests.begin(), m_file.tests.end(), [](const Test& a, const Test& b) {
      if (a.lender != nullptr || b.lender != nullptr) return a.lender == nullptr && b.lender != nullptr;
      return a.function->line < b.function->line;
    });
  }

  void list_generators(const std::vector<Suite>& suites, const std::vector<std::string_view>& generated) {
    std::set<std::string> units;
    for (const Suite& suite : suites) {
      if (suite.open) units.insert(suite.unnamed ? m_file.path : unit_id(m_file.path, suite.name));
    }
    const auto& assignments = m_file.module->assignments;
    const auto made = [&](const python::Assignment& one) {
      return makes_a_class(one) &&
             std::none_of(suites.begin(), suites.end(), [&](auto& s) { return s.name == one.name; });
    };
    if (std::binary_search(generated.begin(), generated.end(), std::string_view{}) ||
        std::any_of(assignments.begin(), assignments.end(), made)) {
      units.insert(m_file.path);
    }
    m_file.generators.assign(units.begin(), units.end());
  }

  void find_runners(const std::vector<Suite>& suites) {
    std::set<const python::Class*> collected;
    for (const Suite& suite : suites) collected.insert(suite.definition);
    for (const auto& [owner, running] : m_run_by) {
      if (collected.contains(owner)) continue;
      std::vector<const python::Class*>& runners = m_file.runners[owner];
      for (const Suite& suite : suites) {  // the order must not depend on addresses
        if (running.contains(&suite)) runners.push_back(suite.definition);
      }
    }
  }

  TestFile& m_file;
  SourceTree& m_sources;
  std::unordered_map<std::string, const python::Function*> m_seen;
  std::map<const python::Class*, std::set<const Suite*>> m_run_by;
};

void list_units(TestFile& file, SourceTree& sources, SuiteReader& suites) {
  if (file.module) Lister(file, sources).list(suites.suites(file.path), suites.generated(file.path));
}

// Facts of the file itself only: its units depend on other files.
Result<TestFile> parse(const FileTree& tree, const std::string& path) {
  TestFile file;
  file.path = path;
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
  if (!paths) return tl::make_unexpected(not_pytorch("it has no directory test/"));
  std::erase_if(*paths, [](const std::string& path) { return !is_test_file(path); });
  if (paths->empty()) return tl::make_unexpected(not_pytorch("there is no test_*.py beneath test/"));
  if (!tree.read("torch/__init__.py") && !tree.list("torch")) {
    return tl::make_unexpected(not_pytorch("it has no directory torch/"));
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
  SuiteReader suites(sources);
  if (file.module) sources.add(path, file.module);
  list_units(file, sources, suites);
  return file;
}

TestFile read_test_file(SourceTree& sources, SuiteReader& suites, const std::string& path) {
  TestFile file;
  file.path = path;
  file.module = sources.module(path);
  list_units(file, sources, suites);
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
  SuiteReader suites(sources);
  for (TestFile& file : inventory.files) list_units(file, sources, suites);
  return inventory;
}

nlohmann::json to_json(const Inventory& inventory) {
  auto files = nlohmann::json::array();
  std::size_t generators = 0;
  for (const TestFile& file : inventory.files) {
    auto tests = nlohmann::json::array();
    for (const Test& test : file.tests) {
      tests.push_back({{"id", test.id}, {"line", test.function->line}});
      if (test.lender != nullptr) tests.back()["written_in"] = test.lender->path;
    }
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
