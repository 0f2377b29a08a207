// SPDX-License-Identifier: Apache-2.0
#include "testsel/import_graph.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "agent/core/parallel.hpp"
#include "testsel/module_finder.hpp"
#include "testsel/python/reader.hpp"

namespace spyre::testsel {
namespace {

using Aliases = std::unordered_map<std::string_view, std::string>;

// The meaning of names at module level: "nn" for "torch.nn".
Aliases aliases(const python::Module& module) {
  Aliases bound;
  for (const python::Import& import : module.imports) {
    if (import.alias.empty() || import.name == "*" || import.module.starts_with('.')) continue;
    const bool renamed = import.alias != import.module.substr(0, import.module.find('.'));
    std::string meaning(import.name.empty() && !renamed ? import.alias : import.module);
    if (!import.name.empty()) meaning.append(".").append(import.name);
    bound.emplace(import.alias, std::move(meaning));
  }
  return bound;
}

void add_mentions(const python::Function& function, const Aliases& bound, std::set<std::string>& mentioned) {
  for (const std::string_view name : function.names) {
    const std::size_t dot = name.find('.');
    if (dot == std::string_view::npos || dot == 0) continue;
    const auto meaning = bound.find(name.substr(0, dot));
    if (meaning != bound.end()) mentioned.insert(meaning->second + std::string(name.substr(dot)));
  }
}

void sort_unique(std::vector<std::uint32_t>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

Result<std::vector<std::string>> python_files(const FileTree& tree) {
  std::vector<std::string> paths;
  for (const char* directory : {"functorch", "test", "torch", "torchgen"}) {
    auto listed = tree.list(directory);
    if (!listed && listed.error().kind == ErrorKind::not_found) continue;
    TRY(const std::vector<std::string> found, std::move(listed));
    std::copy_if(found.begin(), found.end(), std::back_inserter(paths),
                 [](const std::string& path) { return path.ends_with(".py"); });
  }
  return paths;
}

}  // namespace

std::vector<ModuleUse> module_uses(const python::Module& module, bool mentions) {
  std::vector<ModuleUse> uses;
  for (const python::Import& import : module.imports) {
    uses.push_back({std::string(import.module), std::string(import.name)});
  }
  if (!mentions) return uses;
  const Aliases bound = aliases(module);
  std::set<std::string> mentioned;
  for (const python::Function& function : module.functions) add_mentions(function, bound, mentioned);
  for (const python::Class& one : module.classes) {
    for (const python::Function& function : one.functions) add_mentions(function, bound, mentioned);
  }
  for (const std::string& name : mentioned) uses.push_back({name, {}});
  return uses;
}

ImportGraph::ImportGraph(std::vector<PythonFile> files)
    : m_paths(files.size()), m_imports(files.size()), m_importers(files.size()) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    m_paths[i] = std::move(files[i].path);
    m_index.emplace(m_paths[i], static_cast<std::uint32_t>(i));
  }
  ModuleFinder finder(m_index);
  for (std::uint32_t i = 0; i < files.size(); ++i) {
    for (const ModuleUse& use : files[i].uses) {
      const auto found = finder.find(m_paths[i], use);
      if (found && *found != i) m_imports[i].push_back(*found);
    }
    sort_unique(m_imports[i]);
    for (const std::uint32_t imported : m_imports[i]) m_importers[imported].push_back(i);
  }
}

Result<ImportGraph> ImportGraph::read(const FileTree& tree, const Inventory& inventory) {
  TRY(const std::vector<std::string> paths, python_files(tree));
  std::unordered_map<std::string_view, const python::Module*> known;
  for (const TestFile& file : inventory.files) known.emplace(file.path, file.module.get());
  std::vector<PythonFile> files(paths.size());
  std::vector<Error> errors(paths.size());
  std::vector<char> failed(paths.size(), 0);
  parallel_for(paths.size(), [&](std::size_t i) {
    files[i].path = paths[i];
    if (const auto test = known.find(paths[i]); test != known.end()) {
      if (test->second != nullptr) files[i].uses = module_uses(*test->second, true);
      return;
    }
    auto text = tree.read(paths[i]);
    if (!text) {
      errors[i] = std::move(text).error();
      failed[i] = 1;
    } else if (const auto module = python::read_module(std::move(*text))) {
      files[i].uses = module_uses(*module, false);
    }
  });
  const auto first = std::find(failed.begin(), failed.end(), 1);
  if (first != failed.end()) {
    return tl::make_unexpected(std::move(errors[static_cast<std::size_t>(first - failed.begin())]));
  }
  return ImportGraph(std::move(files));
}

const std::uint32_t* ImportGraph::index(std::string_view path) const {
  const auto found = m_index.find(path);
  return found == m_index.end() ? nullptr : &found->second;
}

ImportGraph::Reach ImportGraph::reach(std::string_view path) const {
  Reach reach{std::vector<int>(size(), unreached), std::vector<std::uint32_t>(size(), 0)};
  const std::uint32_t* target = index(path);
  if (target == nullptr) return reach;
  reach.distance[*target] = 0;
  std::vector<std::uint32_t> queue{*target};
  for (std::size_t i = 0; i < queue.size(); ++i) {
    for (const std::uint32_t importer : m_importers[queue[i]]) {
      if (reach.distance[importer] != unreached) continue;
      reach.distance[importer] = reach.distance[queue[i]] + 1;
      reach.next[importer] = queue[i];
      queue.push_back(importer);
    }
  }
  return reach;
}

std::vector<std::string> ImportGraph::imports_of(std::string_view path) const {
  std::vector<std::string> imported;
  if (const std::uint32_t* file = index(path)) {
    for (const std::uint32_t one : m_imports[*file]) imported.push_back(m_paths[one]);
  }
  std::sort(imported.begin(), imported.end());
  return imported;
}

std::string ImportGraph::way(std::uint32_t from, const Reach& reach) const {
  std::string text = m_paths[from];
  if (reach.distance[from] == unreached) return text;
  for (std::uint32_t at = from; reach.distance[at] > 0;) {
    at = reach.next[at];
    text.append(" → ").append(m_paths[at]);
  }
  return text;
}

}  // namespace spyre::testsel
