// SPDX-License-Identifier: Apache-2.0
#include "testsel/named_cases.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "testsel/case_matcher.hpp"
#include "testsel/expectation.hpp"

namespace spyre::testsel {
namespace {

const TestFile* find_file(const Inventory& inventory, std::string_view path) {
  const auto found = std::find_if(inventory.files.begin(), inventory.files.end(), [&](const TestFile& file) {
    return file.path == path ||
           (path.find('/') == std::string_view::npos && file.path.ends_with(fmt::format("/{}", path)));
  });
  return found == inventory.files.end() ? nullptr : &*found;
}

bool is_written(const TestFile& file, const std::string& id) {
  return std::any_of(file.tests.begin(), file.tests.end(),
                     [&](const Test& test) { return test.id == id || test.id.starts_with(id + "::"); });
}

}  // namespace

std::vector<std::string> tests_of_cases(const std::string& name, const Inventory& inventory, const FileTree& tree) {
  const std::size_t end = name.find("::");
  if (end == std::string::npos || name.substr(0, name.find('[')).find_first_of("*?") != std::string::npos) return {};
  const TestFile* file = find_file(inventory, std::string_view(name).substr(0, end));
  if (file == nullptr || file->module == nullptr) return {};
  const std::string id = file->path + name.substr(end);
  if (is_written(*file, id)) return {};
  const CaseMatcher matcher(tree, *file);
  std::set<std::string> units;
  const CaseOwner owner = matcher.owner(id);
  if (owner.how != CaseOwner::How::generated) {
    units.insert(owner.unit);
  } else {
    // A class: all tests that it runs.
    for (const Test& test : file->tests) {
      const CaseOwner one = matcher.owner(fmt::format("{}::{}", id, name_of_case(test.id).function));
      if (one.how != CaseOwner::How::generated && one.unit == test.id) units.insert(test.id);
    }
  }
  std::erase_if(units, [&](const std::string& unit) { return !is_written(*file, unit); });
  return {units.begin(), units.end()};
}

}  // namespace spyre::testsel
