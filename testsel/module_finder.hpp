// SPDX-License-Identifier: Apache-2.0
// Which file of a tree a module's name stands for.
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

  // What `use` in the file `path` imports. Absolute names are looked for in the root and, in test/, beside the file and
  // above it first, as Python finds them when pytest runs there. A name of `from module import name` is the module of
  // that name, or else something in `module`. Of `import a.b.c` the longest beginning that is a file: the rest is
  // something in it. A package's own __init__.py, which runs before its modules, counts only where it is what is named:
  // else every file would import torch/__init__.py, and everything through it.
  std::optional<std::uint32_t> find(std::string_view path, const ModuleUse& use);

 private:
  std::optional<std::uint32_t> module(std::string_view directory, std::string_view name);
  std::optional<std::uint32_t> absolute(std::string_view directory, std::string_view name);
  std::optional<std::uint32_t> relative(std::string_view directory, std::string_view name);
  std::optional<std::uint32_t> file(std::string_view directory, std::string_view module);

  const std::unordered_map<std::string_view, std::uint32_t>* m_files;
  std::string m_candidate;  // one buffer for all the names that are tried
};

}  // namespace spyre::testsel
