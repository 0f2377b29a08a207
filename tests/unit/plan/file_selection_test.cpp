// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/file_selection.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <rapidcheck.h>

#include "tests/support/catch.hpp"
#include "tests/unit/plan/selections.hpp"

namespace spyre::plan {
namespace {

std::vector<std::string> ids_of(const std::vector<UnitWork>& units) {
  std::vector<std::string> ids;
  for (const UnitWork& unit : units) ids.emplace_back(unit.id);
  return ids;
}

}  // namespace

TEST_CASE("a selection is grouped by file") {
  const testsel::Selection selection =
      selection_of({"test/b.py::T::y", "test/a.py::T::x", "test/b.py::T::x", "test/c.py"}, {"test/b.py::U"});
  const ByFile by_file = group_by_file(selection);
  CHECK(by_file.size() == 3);
  CHECK(ids_of(units_of(by_file.at("test/a.py"), 4)) == std::vector<std::string>{"test/a.py::T::x"});
  CHECK(ids_of(units_of(by_file.at("test/c.py"), 4)) == std::vector<std::string>{"test/c.py"});
  const std::vector<UnitWork> units = units_of(by_file.at("test/b.py"), 4);
  CHECK(ids_of(units) == std::vector<std::string>{"test/b.py::T::x", "test/b.py::T::y", "test/b.py::U"});
  CHECK(units[0].rank == 2);
  CHECK(units[1].rank == 0);
  CHECK(units[2].generator);
  CHECK(units[2].rank == 0);  // the rank of the first test of its file
}

TEST_CASE("units are sorted and unique, wherever their ids differ") {
  const auto each_once_in_order = [](std::vector<std::string> names) {
    for (std::string& name : names) name.insert(0, "test/a.py::");
    const testsel::Selection selection = selection_of(names);
    const std::vector<UnitWork> units = units_of(group_by_file(selection).at("test/a.py"), names.size());
    for (const UnitWork& unit : units) {
      RC_ASSERT(unit.rank == static_cast<std::size_t>(std::ranges::find(names, unit.id) - names.begin()));
    }
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    RC_ASSERT(ids_of(units) == names);
  };
  const auto letters = [](const char* all) {
    return rc::gen::container<std::string>(rc::gen::elementOf(std::string(all)));
  };
  CHECK(rc::check("anything", [&] {
    each_once_in_order(*rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(letters("ab\x01\xff_"))));
  }));
  CHECK(rc::check("behind a long beginning that many share", [&] {
    auto names = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(letters("ab_")));
    for (std::string& name : names)
      name.insert(0, name.size() % 2 == 0 ? "TestOperators::test_" : "TestOperations::test_");
    each_once_in_order(names);
  }));
}

}  // namespace spyre::plan
