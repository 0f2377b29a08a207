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

// A file that others run tests of: by inheriting from its classes, or by copying what is in them.
struct Lender {
  std::string path;
  std::shared_ptr<const python::Module> module;
};

// One test function as written, before device, dtype and parameter expansion: the unit that stages count. A function
// that several files run is a test of each. Its id names the file that runs it, and the class it is written in.
struct Test {
  std::string id;                        // "test/test_torch.py::TestTorch::test_sum"
  const python::Class* owner = nullptr;  // the class it is written in; nullptr for a module's function
  const python::Function* function = nullptr;
  const Lender* lender = nullptr;  // the other file it is written in; nullptr: its own
};

// One test file. Owns what was read for it; pointers point into `module` or into that of a lender.
struct TestFile {
  std::string path;                              // "test/test_torch.py"
  std::shared_ptr<const python::Module> module;  // nullptr when the file could not be read as Python
  // In the order of the source, then those of lenders; each id once, the last definition counts.
  std::vector<Test> tests;
  // Classes ("test/test_nn.py::TestNN") and the file itself, when the source makes tests there that no line names
  // (setattr, exec, classes that are made by a call): units of their own, counted apart. In byte order.
  std::vector<std::string> generators;
  std::vector<std::shared_ptr<const Lender>> lenders;
  // By class that tests are written in and that pytest does not collect itself: the classes of this file which run
  // them. nullptr among them: a class that a function makes.
  std::map<const python::Class*, std::vector<const python::Class*>> runners;
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
TestFile read_test_file(SourceTree& sources, SuiteReader& suites, const std::string& path);

// The inventory document, "spyre-ci/inventory@1".
nlohmann::json to_json(const Inventory& inventory);

}  // namespace spyre::testsel
