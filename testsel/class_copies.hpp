// SPDX-License-Identifier: Apache-2.0
// Functions that give the tests of one class to another: `copy_tests(Template, CpuTests, "cpu")`; or that make a class
// of them: `make_dynamic_cls(CommonTemplate)`. They are recognised by what they do, in any file.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "testsel/copier.hpp"
#include "testsel/python/function_body.hpp"
#include "testsel/source_tree.hpp"

namespace spyre::testsel {

// One class that a call at the module level of a file copies tests from.
struct ClassCopy {
  FoundName source;         // a class, or the assignment of one that a copier made
  std::string_view target;  // gets the tests; or the made class's name, empty if only the copier knows it
  bool makes = false;
  bool inherited = false;                  // as in the copier
  std::vector<std::string_view> suffixes;  // strings passed to the copier, without quotes and outer "_": "cpu"
};

struct FileCopies {
  std::vector<ClassCopy> copies;  // in the order of the source
  // Classes of the file that get tests of unknown names, and "" for the file itself; in byte order, each once.
  std::vector<std::string_view> generated;
};

class ClassCopies {
 public:
  // `sources` outlives this object.
  explicit ClassCopies(SourceTree& sources) : m_sources(&sources) {}

  const FileCopies& in(const std::string& path);
  // Return the copies of an expression at module level, `make_dynamic_cls(CommonTemplate)`; none if it makes no class
  // of another.
  std::vector<ClassCopy> made_by(const std::string& path, std::string_view expression);

 private:
  struct Called {
    Copier copier;
    std::vector<std::string_view> parameters;
    std::vector<std::string_view> suffixes;  // strings that it passes to the function that does the work
  };
  struct Use {  // one call of a copier, or of a function that sets attributes
    const Called* called = nullptr;
    std::vector<ClassCopy> copies;
    bool understood = true;             // all classes that it copies from were found
    std::vector<std::string_view> set;  // classes that get attributes of unknown names
  };
  const Called& called(const FoundName& function, int depth);
  Called look_at(const FoundName& function, const python::FunctionBody& body, int depth);
  bool names_classes(const std::string& path, std::string_view argument);
  Use use(const std::string& path, std::string_view callee, std::string_view arguments, std::string_view bound_to);
  Use use_type(const std::string& path, std::string_view arguments, std::string_view bound_to);
  std::vector<std::string_view> names(const std::string& path, std::string_view text, int depth = 0);
  FileCopies look_at(const std::string& path, const python::Module& module);

  SourceTree* m_sources;
  std::map<const python::Function*, Called> m_called;
  std::map<std::string, FileCopies, std::less<>> m_files;
};

}  // namespace spyre::testsel
