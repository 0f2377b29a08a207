// SPDX-License-Identifier: Apache-2.0
// Which Python file of a tree imports which, and which files reach a file through how many imports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/core/file_tree.hpp"
#include "agent/core/result.hpp"
#include "testsel/inventory.hpp"
#include "testsel/python/module.hpp"

namespace spyre::testsel {

// A use of another module in one file, as written.
struct ModuleUse {
  std::string module;  // "torch.nn", "..utils"; leading dots for relative ones
  std::string name;    // of `from module import name`, which may be a module too; "*"; empty for `import module`
  bool operator==(const ModuleUse&) const = default;
};

struct PythonFile {
  std::string path;
  std::vector<ModuleUse> uses;
};

// Return the imports of a file, including those inside functions. With `mentions` also modules that its functions name
// through an import, "torch.fft.rfft" after `import torch`: for tests, most of which import only torch. They are
// returned as `import torch.fft.rfft`, of which the graph uses the part that is a module.
std::vector<ModuleUse> module_uses(const python::Module& module, bool mentions);

class ImportGraph {
 public:
  static constexpr int unreached = -1;

  // Imports from outside these files are allowed. Paths are unique.
  explicit ImportGraph(std::vector<PythonFile> files);
  ImportGraph(ImportGraph&&) = default;  // a copy's index would point into the original
  ImportGraph& operator=(ImportGraph&&) = default;
  ImportGraph(const ImportGraph&) = delete;
  ImportGraph& operator=(const ImportGraph&) = delete;
  ~ImportGraph() = default;

  // Read the .py files beneath torch/, test/, functorch/ and torchgen/; test files come from the inventory, which has
  // read them. Files that are not valid Python import nothing. Reads in parallel. Error: io.
  static Result<ImportGraph> read(const FileTree& tree, const Inventory& inventory);

  // The relation of all files to one file.
  struct Reach {
    std::vector<int> distance;        // by file: fewest imports between it and the target; 0: itself; unreached
    std::vector<std::uint32_t> next;  // by file that reaches it: its import on a shortest path
  };
  // Search breadth first along the imports, backwards. A file outside the graph is not reached by any file.
  Reach reach(std::string_view path) const;

  // Return the file's index in the vectors above, or nullptr.
  const std::uint32_t* index(std::string_view path) const;
  const std::string& path(std::uint32_t index) const { return m_paths[index]; }
  std::size_t size() const { return m_paths.size(); }
  // Return the files that `path` imports, in byte order. For people and for tests.
  std::vector<std::string> imports_of(std::string_view path) const;
  // Return "test/test_a.py → torch/nn/__init__.py → torch/nn/modules/pooling.py".
  std::string way(std::uint32_t from, const Reach& reach) const;

 private:
  std::vector<std::string> m_paths;
  std::unordered_map<std::string_view, std::uint32_t> m_index;
  std::vector<std::vector<std::uint32_t>> m_imports;    // by file: what it imports, ascending
  std::vector<std::vector<std::uint32_t>> m_importers;  // by file: its importers, ascending
};

}  // namespace spyre::testsel
