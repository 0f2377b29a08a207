// SPDX-License-Identifier: Apache-2.0
// Finds the file of a module's name in a tree.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "testsel/import_graph.hpp"

namespace spyre::testsel {

class ModuleFinder {
 public:
  // `files` outlives this object.
  explicit ModuleFinder(const std::unordered_map<std::string_view, std::uint32_t>& files) : m_files(&files) {}

  // Return the file that `use` in the file `path` imports. Absolute names are searched in the root and, in test/, first
  // beside the file and above it, as Python does when pytest runs there. A name of `from module import name` is the
  // module of that name, or else a definition in `module`. Of `import a.b.c` the longest prefix that is a file counts:
  // the rest is a definition in it. A package's own __init__.py, which runs before its modules, counts only if it is
  // the named module: otherwise every file would import torch/__init__.py, and everything through it.
  std::optional<std::uint32_t> find(std::string_view path, const ModuleUse& use);

 private:
  std::optional<std::uint32_t> module(std::string_view directory, std::string_view name);
  std::optional<std::uint32_t> absolute(std::string_view directory, std::string_view name);
  std::optional<std::uint32_t> relative(std::string_view directory, std::string_view name);
  std::optional<std::uint32_t> file(std::string_view directory, std::string_view module);

  const std::unordered_map<std::string_view, std::uint32_t>* m_files;
  std::string m_candidate;  // one buffer for all names that are tried
};

}  // namespace spyre::testsel
