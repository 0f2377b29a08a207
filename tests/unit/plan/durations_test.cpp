// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/durations.hpp"

#include "agent/core/files.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::plan;

namespace {

struct Written {
  TemporaryDirectory directory = std::move(*TemporaryDirectory::create());
  std::filesystem::path path = directory.path() / "d.json";
  explicit Written(const std::string& text) { REQUIRE(write_file(path, text)); }
};

Error refused(const std::string& text) {
  const Written file(text);
  const auto durations = read_durations(file.path);
  REQUIRE(!durations);
  Error error = durations.error();
  // The directory differs from run to run.
  const std::string path = file.path.string();
  if (const auto at = error.message.find(path); at != std::string::npos)
    error.message.replace(at, path.size(), "d.json");
  return error;
}

}  // namespace

TEST_CASE("file_of returns the file of a unit") {
  CHECK(file_of("test/test_torch.py::TestTorch::test_sum") == "test/test_torch.py");
  CHECK(file_of("test/test_torch.py") == "test/test_torch.py");
}

TEST_CASE("the better source of a duration comes first") {
  Durations durations;
  const std::string unit = "test/test_a.py::T::test_x";
  const auto seconds = [&] { return FileTimes(durations, "test/test_a.py").of(unit).seconds; };
  CHECK_FALSE(seconds());
  durations.cases[unit] = {case_time(unit + "_cpu", 1.5), case_time(unit + "_spyre", 2.5)};
  CHECK(seconds() == 4.0);
  durations.tests[unit] = 7;
  CHECK(seconds() == 7.0);
  CHECK_FALSE(durations.import_of("test/test_a.py"));
  durations.imports["test/test_a.py"] = 0.5;
  CHECK(durations.import_of("test/test_a.py") == 0.5);
}

TEST_CASE("the times of cases are added up") {
  CaseTimes times{case_time("one", 1.5)};
  times.add(case_time("two", 4));
  times.add(case_time("three", 0.5));
  CHECK(times.all().size() == 3);
  CHECK(times.seconds() == 6.0);
  CHECK(times.longest_s() == 4.0);
  CHECK(CaseTimes{}.seconds() == 0.0);
}

TEST_CASE("the units of a file are looked up in order") {
  Durations durations;
  durations.tests = {{"test/a.py::T::test_z", 1}, {"test/b.py", 2},
                     {"test/b.py::T::test_a", 3}, {"test/b.py::T::test_c", 4},
                     {"test/b.py::T::test_e", 5}, {"test/c.py::T::test_a", 6}};
  durations.cases["test/b.py::T::test_c"] = {case_time("one", 4)};
  durations.cases["test/b.py::T::test_e"] = {};
  FileTimes times(durations, "test/b.py");
  CHECK(times.of("test/b.py").seconds == 2.0);
  CHECK(times.of("test/b.py::T::test_a").seconds == 3.0);
  CHECK_FALSE(times.of("test/b.py::T::test_b").seconds);
  CHECK(times.of("test/b.py::T::test_c").seconds == 4.0);
  CHECK(times.of("test/b.py::T::test_c").cases == &durations.cases["test/b.py::T::test_c"]);
  CHECK_FALSE(times.of("test/b.py::T::test_d").seconds);
  CHECK(times.of("test/b.py::T::test_e").seconds == 5.0);
  CHECK(times.of("test/b.py::T::test_e").cases == nullptr);
  CHECK_FALSE(times.of("test/b.py::T::test_f").seconds);
}

TEST_CASE("other durations fill only gaps") {
  Durations ours, other;
  ours.tests = {{"a", 1}};
  ours.cold.test_s = 9;
  other.tests = {{"a", 2}, {"b", 3}};
  other.imports = {{"f", 4}};
  other.files = {{"f", 5}};
  other.cases = {{"b", {case_time("b1", 3)}}};
  ours.fill_from(other);
  CHECK(ours.tests == ByUnit<double>{{"a", 1}, {"b", 3}});
  CHECK(ours.imports.at("f") == 4);
  CHECK(ours.files.at("f") == 5);
  CHECK(ours.cases.at("b").all().size() == 1);
  CHECK(ours.cold.test_s == 9);
}

TEST_CASE("PyTorch's test-times.json is read with its own names of files") {
  const Written file(R"({
    "default": {"default": {"test_ops": 4160.9, "distributed/test_c10d": 12, "/__w/pytorch/pytorch/test/profiler/test_p": 3,
                            "profiler/test_p": 2},
                "slow": {"test_ops": 1}},
    "linux-jammy": {"default": {"test_ops": 2}}})");
  const auto durations = read_durations(file.path);
  REQUIRE(durations);
  CHECK(durations->files.at("test/test_ops.py") == 4160.9);
  CHECK(durations->files.at("test/distributed/test_c10d.py") == 12);
  CHECK(durations->files.at("test/profiler/test_p.py") == 3);
  CHECK(durations->files.size() == 3);

  SECTION("a named job and configuration, with PyTorch's fallbacks") {
    CHECK(read_durations(file.path, "linux-jammy", "default")->files.at("test/test_ops.py") == 2);
    CHECK(read_durations(file.path, "linux-jammy", "slow")->files.at("test/test_ops.py") == 1);
    CHECK(read_durations(file.path, "win", "asan")->files.at("test/test_ops.py") == 4160.9);
  }
}

TEST_CASE("a history document is read") {
  const Written file(R"({"schema": "spyre-ci/history@1",
    "tests": {"test/test_a.py::T::test_x": 1.25}, "imports": {"test/test_a.py": 0.75},
    "cases": {"test/test_a.py::T::test_x": {"x2": 1, "x1": 0.25}}})");
  const auto read = read_durations(file.path);
  REQUIRE(read);
  CHECK(read->tests == ByUnit<double>{{"test/test_a.py::T::test_x", 1.25}});
  CHECK(read->imports == std::unordered_map<std::string, double>{{"test/test_a.py", 0.75}});
  REQUIRE(read->cases.at("test/test_a.py::T::test_x").all().size() == 2);
  CHECK(read->cases.at("test/test_a.py::T::test_x").all()[1].id_hash == case_time("x2", 0).id_hash);
  CHECK(read->cases.at("test/test_a.py::T::test_x").all()[1].seconds == 1);
  CHECK(read->files.empty());
}

TEST_CASE("an invalid file gets a one-line error with the place and the reason") {
  CHECK(read_durations("/nowhere/d.json").error().kind == ErrorKind::not_found);
  const std::vector<std::pair<std::string, std::string>> bad{
      {"", "d.json:1:1: this is not valid JSON"},
      {"[1]", "d.json: expected an object, found [1]"},
      {"{}", "d.json: no times for default/default, nor for default/default"},
      {R"({"default": 3})", "d.json: no times for default/default, nor for default/default"},
      {R"({"default": {"default": []}})", "d.json: default.default: expected an object, found []"},
      {R"({"default": {"default": {"test_a": -3}}})",
       "d.json: default.default[\"test_a\"]: expected seconds (a number from 0 to 3.2e+08), found -3"},
      {R"({"default": {"default": {"test_a": "3"}}})",
       "d.json: default.default[\"test_a\"]: expected seconds (a number from 0 to 3.2e+08), found \"3\""},
      {R"({"schema": "spyre-ci/plan@1"})",
       "d.json: schema: expected \"spyre-ci/history@1\", found \"spyre-ci/plan@1\""},
      {R"({"schema": 1})", "d.json: schema: expected a string, found 1"},
      {R"({"schema": "spyre-ci/history@1", "imports": {}})", "d.json: \"tests\" is missing"},
      {R"({"schema": "spyre-ci/history@1", "tests": {"a": null}, "imports": {}})",
       "d.json: tests[\"a\"]: expected seconds (a number from 0 to 3.2e+08), found null"},
      {R"({"schema": "spyre-ci/history@1", "tests": {}, "imports": {}, "cases": {"a": 1}})",
       "d.json: cases[\"a\"]: expected an object, found 1"},
  };
  for (const auto& [text, message] : bad) {
    const Error error = refused(text);
    CHECK(error.kind == ErrorKind::invalid);
    CHECK(error.message == message);
  }
  CHECK(!refused("{}").hint.empty());
}
