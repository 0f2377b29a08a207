// SPDX-License-Identifier: Apache-2.0
// The tests that pytest runs in a file, by class, wherever they are written.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "testsel/class_copies.hpp"
#include "testsel/source_tree.hpp"

namespace spyre::testsel {

// A test function, with the class and file that contain it.
struct Member {
  std::string_view name;  // the suite's name for it, which may differ from the function's
  FoundClass owner;       // without a definition for a module's function
  const python::Function* function = nullptr;
  std::vector<std::string_view> suffixes;  // possible suffixes of its copy: "cpu" of test_x_cpu
};

struct Suite {
  std::string_view name;  // as it is bound in the file; "" for the module's functions
  // The class of the file; nullptr if it is imported or made by a function.
  const python::Class* definition = nullptr;
  // Made under a name that only the function which makes it knows: the name here is part of it.
  bool unnamed = false;
  bool open = false;            // gets tests of unknown names, too
  std::vector<Member> members;  // each name once: of several definitions the one that Python would call
};

// Return whether pytest collects a function of this name.
inline bool is_test_name(std::string_view name) {
  return name.starts_with("test");
}

// Reads the suites of files. Not thread-safe.
class SuiteReader {
 public:
  // `sources` outlives this object.
  explicit SuiteReader(SourceTree& sources) : m_sources(&sources), m_copies(sources) {}

  // Return the functions first, then the classes in the order of the source. A class is a suite if pytest collects it
  // or a class made from it:
  // - it derives from a class named like a test case (any class with "Test" in its name that is not in the tree,
  //   `unittest.TestCase`), or its own name begins with "Test" and it has no __init__;
  // - or it is instantiated by a function named instantiate_…;
  // - or a function makes it from such a class;
  // - or such a class is imported from a file that is not a test file: no other file runs it.
  // A nested class is collected only inside a plain class: unittest's cases have no inner ones.
  std::vector<Suite> suites(const std::string& path);
  // Return the classes that get tests of unknown names, and "" for the file itself.
  const std::vector<std::string_view>& generated(const std::string& path) { return m_copies.in(path).generated; }

 private:
  struct Kin {
    bool test_case = false;  // derives from unittest's class
    bool init = false;       // some class of the lineage has an __init__
    bool collected_as(std::string_view name) const { return test_case || (name.starts_with("Test") && !init); }
  };
  struct Draft {  // of a suite
    Suite suite;
    std::unordered_map<std::string_view, std::size_t> index;  // of a member by its name; npos: not a test
  };
  Kin kin_of(const FoundClass& one);
  Kin kin_of(const FoundName& source, int depth = 0);
  void add_members(const FoundName& source, bool inherited, Draft& draft, int depth = 0);
  void add_lineage(const FoundClass& derived, Draft& draft, int depth = 0);
  void add_members_of(const FoundClass& one, Draft& draft, int depth);
  void add_made_tests(const std::vector<FoundClass>& classes, Draft& draft);
  Member test_behind(const python::Function& made, const FoundClass& owner);
  static void add_member(std::string_view name, const python::Function& function, const FoundClass& owner,
                         Draft& draft);
  void add_copy(const ClassCopy& copy, Draft& draft, int depth);
  Suite functions(const std::string& path, const python::Module& module);
  std::vector<bool> collected(const std::string& path, const python::Module& module);
  void add_written(const std::string& path, const python::Module& module, std::vector<Suite>& suites);
  void add_made(const std::string& path, std::vector<Suite>& suites);
  void add_imported(const std::string& path, const python::Module& module, std::vector<Suite>& suites);
  void add_imported(const FoundClass& found, std::string_view name, std::vector<Suite>& suites);
  void add_foreign(const FoundClass& found, std::string_view name, std::vector<Suite>& suites);

  SourceTree* m_sources;
  ClassCopies m_copies;
};

}  // namespace spyre::testsel
