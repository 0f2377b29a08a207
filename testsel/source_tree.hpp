// SPDX-License-Identifier: Apache-2.0
// The Python files of a tree, read when they are asked for, and what a name in one of them means in another.
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

// What a name means, where it is written: at most one of the pointers is set. The SourceTree owns what they point to.
struct FoundName {
  const std::string* path = nullptr;
  const python::Class* definition = nullptr;
  const python::Function* function = nullptr;
  const python::Assignment* assignment = nullptr;  // of something that is not just another name

  explicit operator bool() const { return path != nullptr; }
};

struct FoundClass {
  const std::string* path = nullptr;
  const python::Class* definition = nullptr;  // nullptr: there is no such class in the tree

  explicit operator bool() const { return definition != nullptr; }
};

// A class and those it inherits from, as far as the tree has them, nearest first, each once.
struct Lineage {
  std::vector<FoundClass> classes;
  std::vector<std::string_view> foreign;  // bases that the tree does not have, as written: "unittest.TestCase"
};

// Looks into files beneath test/, and those of torch/ that say that they are for tests (torch/testing/…,
// torch/_dynamo/testing.py): no others hold tests, their bases, or what makes them. Not for several threads.
class SourceTree {
 public:
  // `tree` outlives this object.
  explicit SourceTree(const FileTree& tree) : m_tree(&tree) {}

  // A file that was read already.
  void add(const std::string& path, std::shared_ptr<const python::Module> module);
  // The path as this object keeps it.
  const std::string* place(const std::string& path);
  // nullptr when there is no such file, or when it is no Python.
  std::shared_ptr<const python::Module> module(const std::string& path);

  // What a dotted name at the module level of `path` means: something written there, or imported.
  FoundName find(const std::string& path, std::string_view name) { return find(path, name, 0); }
  FoundClass find_class(const std::string& path, std::string_view name);
  const Lineage& lineage(const FoundClass& derived);
  // The file that a module's name, as imported in `path`, stands for; empty when the tree has none.
  std::string file_of(const std::string& path, std::string_view module);

 private:
  struct File {
    std::shared_ptr<const python::Module> module;
    std::map<std::string_view, const python::Class*> classes;
    std::map<std::string_view, const python::Assignment*> assigned;
    std::multimap<std::string_view, const python::Import*> bound;  // by imports, those with "*" under it
    std::map<std::string, FoundName, std::less<>> found;           // looked for already
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
