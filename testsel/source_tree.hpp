// SPDX-License-Identifier: Apache-2.0
// The Python files of a tree, read on demand, and the meaning of a name in one of them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/core/file_tree.hpp"
#include "testsel/python/module.hpp"

namespace spyre::testsel {

// The definition of a name: at most one of the pointers is set. The SourceTree owns the pointees.
struct FoundName {
  const std::string* path = nullptr;
  const python::Class* definition = nullptr;
  const python::Function* function = nullptr;
  const python::Assignment* assignment = nullptr;  // of a value that is not just another name

  explicit operator bool() const { return path != nullptr; }
};

struct FoundClass {
  const std::string* path = nullptr;
  const python::Class* definition = nullptr;  // nullptr: the tree does not have this class

  explicit operator bool() const { return definition != nullptr; }
};

// A class and its ancestors, as far as the tree has them, nearest first, each once.
struct Lineage {
  std::vector<FoundClass> classes;
  std::vector<std::string_view> foreign;  // bases that the tree does not have, as written: "unittest.TestCase"
};

// Searches files beneath test/, and those of torch/ whose names mark them as test support (torch/testing/…,
// torch/_dynamo/testing.py): no others contain tests, their bases, or functions that make them. Not thread-safe.
class SourceTree {
 public:
  // `tree` outlives this object.
  explicit SourceTree(const FileTree& tree) : m_tree(&tree) {}

  // Add a file that was read already.
  void add(const std::string& path, std::shared_ptr<const python::Module> module);
  // Return this object's copy of the path.
  const std::string* place(const std::string& path);
  // Return the module; nullptr if the file does not exist or is not Python.
  std::shared_ptr<const python::Module> module(const std::string& path);

  // Return the meaning of a dotted name at the module level of `path`: a definition there, or an imported one.
  FoundName find(const std::string& path, std::string_view name) { return find(path, name, 0); }
  FoundClass find_class(const std::string& path, std::string_view name);
  const Lineage& lineage(const FoundClass& derived);
  // Return the file of a module's name, as imported in `path`; empty if the tree does not have it.
  std::string file_of(const std::string& path, std::string_view module);

 private:
  struct File {
    std::shared_ptr<const python::Module> module;
    std::map<std::string_view, const python::Class*> classes;
    std::map<std::string_view, const python::Assignment*> assigned;
    std::multimap<std::string_view, const python::Import*> bound;  // by imports; "*" imports are under "*"
    std::map<std::string, FoundName, std::less<>> found;           // cache of lookups
  };
  Lineage look_for_lineage(const FoundClass& derived);
  File& file(const std::string& path);
  FoundName find(const std::string& path, std::string_view name, int hops);
  FoundName look_for(const std::string& path, std::string_view name, int hops);
  FoundName find_imported(const std::string& path, const python::Import& import, std::string_view name, int hops);

  const FileTree* m_tree;
  std::map<std::string, File, std::less<>> m_files;
  std::map<std::string, std::string, std::less<>> m_modules;  // "directory\nmodule" → path
  std::unordered_map<const python::Class*, Lineage> m_lineages;
};

}  // namespace spyre::testsel
