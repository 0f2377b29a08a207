// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/junit_check.hpp"

#include <filesystem>

#include "agent/core/files.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::execute;
using junit::Case;
using junit::Cases;
using results::Outcome;

namespace {

Case written(std::string_view classname, std::string_view name, Outcome outcome,
             std::string_view in = "test/test_x.py") {
  Case made;
  made.file = in;
  made.classname = classname;
  made.name = name;
  made.outcome = outcome;
  return made;
}

Cases file_of(std::initializer_list<Case> written) {
  Cases cases;
  for (const Case& each : written) cases.add(each);
  return cases;
}

const std::string file = R"(<?xml version="1.0"?><testsuites><testsuite name="pytest">
<testcase classname="test.test_x.TestA" name="test_one" time="0.1"/>
<testcase classname="test.test_x" name="test_function" time="0.1"><failure message="no">why</failure></testcase>
</testsuite></testsuites>)";

}  // namespace

TEST_CASE("agreeing sources give no differences") {
  CHECK(compare_junit(file_of({written("TestA", "test_one", Outcome::passed), written("", "test_two", Outcome::skipped),
                               written("TestA", "test_three", Outcome::failed)}),
                      {{"test/test_x.py::TestA::test_one", Outcome::xpassed},
                       {"test/test_x.py::test_two", Outcome::xfailed},
                       {"test/test_x.py::TestA::test_three", Outcome::error}})
            .empty());
}

TEST_CASE("missing cases and different outcomes are reported") {
  const auto differences = compare_junit(
      file_of({written("TestA", "only_written", Outcome::passed), written("TestA", "both", Outcome::passed)}),
      {{"test/test_x.py::TestA::only_told", Outcome::passed}, {"test/test_x.py::TestA::both", Outcome::failed}});
  REQUIRE(differences.size() == 3);
  CHECK(differences[0].find("TestA::both has a different outcome") == 0);
  CHECK(differences[1].find("TestA::only_written is in pytest's JUnit file") == 0);
  CHECK(differences[2].find("TestA::only_told is missing") == 0);
}

TEST_CASE("a case that fails and whose tear-down fails is in the file twice, and is one failure") {
  CHECK(compare_junit(file_of({written("TestA", "x", Outcome::failed), written("TestA", "x", Outcome::passed)}),
                      {{"test/test_x.py::TestA::x", Outcome::failed}})
            .empty());
}

TEST_CASE("names are compared as pytest writes them") {
  CHECK(compare_junit(
            file_of({written("T", "test_esc#x1B[31m", Outcome::passed), written("T", "test_nul#x00", Outcome::passed),
                     written("T", "test_half#xDC80", Outcome::passed),
                     written("T", "test_smile#x1F600", Outcome::passed), written("T", "test_ü\t#x41", Outcome::passed),
                     written("", "b", Outcome::passed, "test/test_x/T/test_a.py"),
                     written("lower", "test_y", Outcome::passed),
                     written("", "test_z", Outcome::passed, "test/test_x/test_lower.py")}),
            {{"test/test_x.py::T::test_esc\x1B[31m", Outcome::passed},
             {std::string("test/test_x.py::T::test_nul\0", 28), Outcome::passed},
             {"test/test_x.py::T::test_half?", Outcome::passed},
             {"test/test_x.py::T::test_smile😀", Outcome::passed},
             {"test/test_x.py::T::test_ü\t#x41", Outcome::passed},
             {"test/test_x.py::T::test_a::b", Outcome::passed},
             {"test/test_x.py::lower::test_y", Outcome::passed},
             {"test/test_x.py::test_lower::test_z", Outcome::passed}}) == std::vector<std::string>{});
}

TEST_CASE("cases with the same name are compared together") {
  CHECK(compare_junit(file_of({written("T", "x[a]", Outcome::passed), written("T", "x[a]", Outcome::failed),
                               written("T", "y[2]", Outcome::passed)}),
                      {{"test/test_x.py::T::x[a]", Outcome::passed},
                       {"test/test_x.py::T::x[a][2]", Outcome::failed},
                       {"test/test_x.py::T::y[2]", Outcome::passed}}) == std::vector<std::string>{});
}

TEST_CASE("a file is compared and removed") {
  auto directory = TemporaryDirectory::create();
  REQUIRE(directory.has_value());
  const std::string path = (directory->path() / "slice.xml").string();
  REQUIRE(write_file(path, file).has_value());
  const CheckJunit check{
      path,
      {{"test/test_x.py::TestA::test_one", Outcome::passed}, {"test/test_x.py::test_function", Outcome::failed}},
      true};
  CHECK(check_junit(check).empty());
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a missing or damaged file is expected after a crash, and reported otherwise") {
  auto directory = TemporaryDirectory::create();
  REQUIRE(directory.has_value());
  const std::string path = (directory->path() / "slice.xml").string();
  CHECK(check_junit({path, {}, false}).empty());
  CHECK(check_junit({path, {}, true}).size() == 1);
  REQUIRE(write_file(path, file.substr(0, 120)).has_value());
  CHECK(check_junit({path, {}, false}).empty());
  REQUIRE(write_file(path, file.substr(0, 120)).has_value());
  CHECK_FALSE(check_junit({path, {}, true}).empty());
}

TEST_CASE("the list of differences is limited") {
  auto directory = TemporaryDirectory::create();
  REQUIRE(directory.has_value());
  const std::string path = (directory->path() / "slice.xml").string();
  REQUIRE(write_file(path, file).has_value());
  CheckJunit check{path, {}, true};
  for (int i = 0; i < 100; ++i) check.cases.emplace_back("test/test_x.py::t" + std::to_string(i), Outcome::passed);
  CHECK(check_junit(check).size() == 6);
}
