// SPDX-License-Identifier: Apache-2.0
// The inventory: every test of a revision, read from the source without importing it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/file_tree.hpp"
#include "agent/core/result.hpp"
#include "testsel/python/module.hpp"

namespace spyre::testsel {

class SourceTree;

// One test function as written, before device, dtype and parameter expansion: the unit that stages count.
struct Test {
  std::string id;                        // "test/test_torch.py::TestTorch::test_sum"
  const python::Class* owner = nullptr;  // the class it is written in; nullptr for a module's function
  const python::Function* function = nullptr;
};

// One test file. Owns what was read from it; the pointers in `tests` point into `module`.
struct TestFile {
  std::string path;                              // "test/test_torch.py"
  std::shared_ptr<const python::Module> module;  // nullptr when the file could not be read as Python
  std::vector<Test> tests;                       // in the order of the source; each id once, the last definition counts
  // Classes ("test/test_nn.py::TestNN") and the file itself, when the source makes tests there that none of its lines
  // names (setattr, exec, classes that are made by a call, tests inherited from a file that is no test file): units of
  // their own, counted apart. In byte order.
  std::vector<std::string> generators;
  std::string error;  // why the file could not be read as Python, "12:5: …"; empty when it could
};

struct Inventory {
  std::string revision;         // of the tree; empty when it is no commit
  std::vector<TestFile> files;  // test/**/test_*.py in byte order of the path

  std::size_t test_count() const;
};

// "test/nn/test_pooling.py": what counts as a test file.
bool is_test_file(std::string_view path);

// Reads every test file of a tree. A file that does not parse is kept, with its error; the rest goes on.
// Error: invalid when the tree is not PyTorch's (no test/ with test files, or no torch/ beside it); io.
Result<Inventory> read_inventory(const FileTree& tree);
// One file of it: for the executor, which has a checkout and needs one file at a time. Error: not_found, io.
Result<TestFile> read_test_file(const FileTree& tree, const std::string& path);
// The same among files that were read already. A file that is not there has no tests.
TestFile read_test_file(SourceTree& sources, const std::string& path);

// The inventory document, "spyre-ci/inventory@1".
nlohmann::json to_json(const Inventory& inventory);

}  // namespace spyre::testsel
