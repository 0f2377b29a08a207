// SPDX-License-Identifier: Apache-2.0
// The Python files of a tree, read when they are asked for, and what a name in one of them means in another.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/file_tree.hpp"
#include "testsel/python/module.hpp"

namespace spyre::testsel {

// A class where it is written. The SourceTree owns what this points to.
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

// Looks into files beneath test/ and torch/testing/ alone: no others hold tests or their bases. Not for several
// threads.
class SourceTree {
 public:
  // `tree` outlives this object.
  explicit SourceTree(const FileTree& tree) : m_tree(&tree) {}

  // A file that was read already.
  void add(const std::string& path, std::shared_ptr<const python::Module> module);
  // nullptr when there is no such file, or when it is no Python.
  std::shared_ptr<const python::Module> module(const std::string& path);

  // What a dotted name at the module level of `path` means: a class written there, or one that is imported.
  FoundClass find_class(const std::string& path, std::string_view name) { return find_class(path, name, 0); }
  Lineage lineage(const FoundClass& derived);
  // The file that a module's name, as imported in `path`, stands for; empty when the tree has none.
  std::string file_of(const std::string& path, std::string_view module);

 private:
  struct File {
    std::shared_ptr<const python::Module> module;
    std::map<std::string_view, const python::Class*> classes;
    std::map<std::string_view, std::string_view> assigned;         // `name = value`
    std::multimap<std::string_view, const python::Import*> bound;  // by imports, those with "*" under it
    std::map<std::string, FoundClass, std::less<>> found;          // looked for already
  };
  File& file(const std::string& path);
  FoundClass find_class(const std::string& path, std::string_view name, int hops);
  FoundClass look_for_class(const std::string& path, std::string_view name, int hops);
  FoundClass find_imported(const std::string& path, const python::Import& import, std::string_view name, int hops);

  const FileTree* m_tree;
  std::map<std::string, File, std::less<>> m_files;
  std::map<std::string, std::string, std::less<>> m_modules;  // "folder\nmodule" → path
};

}  // namespace spyre::testsel
