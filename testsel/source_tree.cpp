// SPDX-License-Identifier: Apache-2.0
#include "testsel/source_tree.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "testsel/python/reader.hpp"

namespace spyre::testsel {
namespace {

constexpr int most_hops = 32;               // limit of files on the way to one name
constexpr std::size_t most_ancestors = 64;  // of one class

std::string_view directory_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

bool may_hold_tests(std::string_view path) {
  return path.starts_with("test/") || (path.starts_with("torch/") && path.find("/test") != std::string_view::npos);
}

}  // namespace

void SourceTree::add(const std::string& path, std::shared_ptr<const python::Module> module) {
  File& file = m_files[path];
  for (const python::Class& one : module->classes) file.classes[one.name] = &one;
  for (const python::Assignment& one : module->assignments) file.assigned[one.name] = &one;
  for (const python::Import& one : module->imports) {
    if (!one.deferred) file.bound.emplace(one.name == "*" ? one.name : one.alias, &one);
  }
  file.module = std::move(module);
}

SourceTree::File& SourceTree::file(const std::string& path) {
  const auto known = m_files.find(path);
  if (known != m_files.end()) return known->second;
  if (auto source = m_tree->read(path)) {
    if (auto module = python::read_module(std::move(*source))) {
      add(path, std::make_shared<const python::Module>(std::move(*module)));
    }
  }
  return m_files[path];
}

const std::string* SourceTree::place(const std::string& path) {
  file(path);
  return &m_files.find(path)->first;
}

std::shared_ptr<const python::Module> SourceTree::module(const std::string& path) {
  return file(path).module;
}

// Searched as Python does when pytest runs in test/: beside the file or above it, in test/, in the root.
std::string SourceTree::file_of(const std::string& path, std::string_view module) {
  std::string_view directory = directory_of(path);
  const auto [known, fresh] = m_modules.try_emplace(fmt::format("{}\n{}", directory, module));
  if (!fresh) return known->second;
  std::string& found = known->second;

  const std::size_t dots = std::min(module.find_first_not_of('.'), module.size());
  for (std::size_t i = 1; i < dots; ++i) directory = directory_of(directory);
  std::string relative(module.substr(dots));
  std::replace(relative.begin(), relative.end(), '.', '/');
  const auto try_directory = [&](std::string_view from) {
    const std::string base = from.empty()       ? relative
                             : relative.empty() ? std::string(from)
                                                : fmt::format("{}/{}", from, relative);
    for (const char* ending : {".py", "/__init__.py"}) {
      std::string candidate = base + ending;
      if (may_hold_tests(candidate) && file(candidate).module) {
        found = std::move(candidate);
        return true;
      }
    }
    return false;
  };
  if (dots > 0) {
    try_directory(directory);
    return found;
  }
  if (!relative.starts_with("torch/")) {
    for (; !directory.empty(); directory = directory_of(directory)) {
      if (try_directory(directory)) return found;
    }
  }
  try_directory({});
  return found;
}

FoundClass SourceTree::find_class(const std::string& path, std::string_view name) {
  const FoundName found = find(path, name);
  return {found.path, found.definition};
}

FoundName SourceTree::find(const std::string& path, std::string_view name, int hops) {
  File& here = file(path);
  if (!here.module) return {};
  if (const auto own = here.classes.find(name); own != here.classes.end()) {
    return {place(path), own->second};
  }
  // Remembered as not found during the search, so that circular imports end.
  const auto [known, fresh] = here.found.try_emplace(std::string(name));
  if (fresh && hops < most_hops) known->second = look_for(path, name, hops + 1);
  return known->second;
}

FoundName SourceTree::look_for(const std::string& path, std::string_view name, int hops) {
  const File& here = file(path);
  const std::string* const itself = place(path);
  const auto& functions = here.module->functions;
  const auto function = std::find_if(functions.rbegin(), functions.rend(), [&](auto& f) { return f.name == name; });
  if (function != functions.rend()) return {itself, nullptr, &*function};
  const auto assigned = here.assigned.find(name);
  if (assigned != here.assigned.end()) {
    if (const FoundName alias = find(path, assigned->second->value, hops)) return alias;
  }
  for (const std::string_view key : {name.substr(0, name.find('.')), std::string_view("*")}) {
    const auto [first, last] = here.bound.equal_range(key);
    for (auto import = first; import != last; ++import) {
      if (const FoundName found = find_imported(path, *import->second, name, hops)) return found;
    }
  }
  return assigned == here.assigned.end() ? FoundName{} : FoundName{itself, nullptr, nullptr, assigned->second};
}

FoundName SourceTree::find_imported(const std::string& path, const python::Import& import, std::string_view name,
                                    int hops) {
  if (import.name == "*") {
    const std::string from = file_of(path, import.module);
    return from.empty() || from == path ? FoundName{} : find(from, name, hops);
  }
  std::string_view rest = name.substr(std::min(name.size(), import.alias.size() + 1));
  if (!import.name.empty()) {
    if (const std::string from = file_of(path, import.module); !from.empty()) {
      const std::string inner = rest.empty() ? std::string(import.name) : fmt::format("{}.{}", import.name, rest);
      if (const FoundName found = find(from, inner, hops)) return found;
    }
    const std::string_view dot = import.module.ends_with('.') ? "" : ".";
    const std::string from = file_of(path, fmt::format("{}{}{}", import.module, dot, import.name));
    return from.empty() || rest.empty() ? FoundName{} : find(from, rest, hops);
  }
  // `import a.b` binds "a", and the class is written "a.b.Class"; `import a.b as c` binds the module itself.
  if (import.alias == import.module.substr(0, import.module.find('.'))) {
    if (!name.starts_with(import.module)) return {};
    rest = name.substr(std::min(name.size(), import.module.size() + 1));
  }
  if (rest.empty()) return {};
  const std::string from = file_of(path, import.module);
  return from.empty() ? FoundName{} : find(from, rest, hops);
}

const Lineage& SourceTree::lineage(const FoundClass& derived) {
  const auto [known, fresh] = m_lineages.try_emplace(derived.definition);
  if (fresh) known->second = look_for_lineage(derived);
  return known->second;
}

Lineage SourceTree::look_for_lineage(const FoundClass& derived) {
  Lineage lineage{{derived}, {}};
  std::set<const python::Class*> seen{derived.definition};
  // The order need not be Python's: names are looked up nearest first.
  for (std::size_t i = 0; i < lineage.classes.size() && lineage.classes.size() < most_ancestors; ++i) {
    const FoundClass current = lineage.classes[i];
    for (const std::string_view base : current.definition->bases) {
      const FoundClass found = find_class(*current.path, base);
      if (!found) {
        lineage.foreign.push_back(base);
      } else if (seen.insert(found.definition).second) {
        lineage.classes.push_back(found);
      }
    }
  }
  return lineage;
}

}  // namespace spyre::testsel
