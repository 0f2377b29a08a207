// SPDX-License-Identifier: Apache-2.0
// The inventory: every test of a revision, read from the source without importing it.
#pragma once

#include <cstddef>
#include <map>
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
class SuiteReader;

// A file whose tests other files run: by inheriting from its classes, or by copying from them.
struct Lender {
  std::string path;
  std::shared_ptr<const python::Module> module;
};

// One test function as written, before device, dtype and parameter expansion: the unit that stages count. A function
// that several files run is a test of each of them. Its id names the file that runs it, and the class in which it is
// written.
struct Test {
  std::string id;                        // "test/test_torch.py::TestTorch::test_sum"
  const python::Class* owner = nullptr;  // the class it is written in; nullptr for a module's function
  const python::Function* function = nullptr;
  const Lender* lender = nullptr;  // the other file it is written in; nullptr: its own
};

// One test file. Owns its source and what was read from it; pointers point into `module` or into that of a lender.
struct TestFile {
  std::string path;                              // "test/test_torch.py"
  std::shared_ptr<const python::Module> module;  // nullptr if the file is not valid Python
  // In the order of the source, then those of lenders; each id once: the last definition counts.
  std::vector<Test> tests;
  // Classes ("test/test_nn.py::TestNN") and the file itself, if the source makes tests there that no line names
  // (setattr, exec, classes that are made by a call): units of their own, counted separately. In byte order.
  std::vector<std::string> generators;
  std::vector<std::shared_ptr<const Lender>> lenders;
  // For each class that contains tests and that pytest does not collect itself: the classes of this file which run
  // them. nullptr among them: a class that a function makes.
  std::map<const python::Class*, std::vector<const python::Class*>> runners;
  std::string error;  // why the file is not valid Python, "12:5: …"; empty if it is valid
};

struct Inventory {
  std::string revision;         // of the tree; empty if it is not a commit
  std::vector<TestFile> files;  // test/**/test_*.py in byte order of the path

  std::size_t test_count() const;
};

// Return whether a path is that of a test file: "test/nn/test_pooling.py".
bool is_test_file(std::string_view path);

// Read every test file of a tree. A file that does not parse is kept, with its error; the others are read.
// Error: invalid if the tree is not PyTorch's (no test/ with test files, or no torch/ beside it); io.
Result<Inventory> read_inventory(const FileTree& tree);
// Read one file: for the executor, which has a checkout and needs one file at a time. Error: not_found, io.
Result<TestFile> read_test_file(const FileTree& tree, const std::string& path);
// Read one file from files that were read already. A missing file has no tests.
TestFile read_test_file(SourceTree& sources, SuiteReader& suites, const std::string& path);

// Return the inventory document, "spyre-ci/inventory@1".
nlohmann::json to_json(const Inventory& inventory);

}  // namespace spyre::testsel
