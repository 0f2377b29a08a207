// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "agent/core/files.hpp"
#include "agent/junit/directory.hpp"
#include "agent/junit/junit.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::results;
using namespace spyre::junit;
namespace fs = std::filesystem;

namespace {

Attempt attempt(Outcome outcome, int card) {
  Attempt result;
  result.outcome = outcome;
  result.card = card;
  return result;
}

struct Desk {
  TemporaryDirectory directory = TemporaryDirectory::create("spyre-ci-junit-").value();
  RunRecord record;

  Desk() { record.started = "2026-11-22T03:35:00.123Z"; }
  void put(const std::string& file, const std::string& name, std::vector<Attempt> attempts) {
    if (record.batches.empty() || record.batches.back().file != file) {
      record.batches.push_back({});
      record.batches.back().id = "batch of " + file;
      record.batches.back().file = file;
    }
    const std::string id = file + "::" + name;
    record.cases.push_back({id, id, "batch of " + file, std::move(attempts), false});
  }
  std::set<std::string> write() const {
    const auto files = write_files(record, directory.path());
    REQUIRE(files);
    REQUIRE(std::ranges::is_sorted(*files));
    std::set<std::string> names;
    for (const fs::path& file : *files) names.insert(file.filename().string());
    return names;
  }
  std::set<std::string> there() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory.path() / "junit")) names.insert(entry.path().filename());
    return names;
  }
  std::string text(const std::string& name) const { return read_file(directory.path() / "junit" / name).value(); }
};

}  // namespace

TEST_CASE("one document for each test file and card, and older documents are removed") {
  Desk desk;
  desk.put("test/test_a.py", "a", {attempt(Outcome::passed, 0)});
  desk.put("test/test_a.py", "b", {attempt(Outcome::failed, 0), attempt(Outcome::passed, 1)});
  desk.put("test/test_a.py", "c", {attempt(Outcome::not_run, -1)});
  desk.put("test/nn/test_b.py", "d", {attempt(Outcome::passed, 1)});
  REQUIRE(write_file(desk.directory.path() / "junit/shard-7.xml", "of an older program"));
  REQUIRE(write_file(desk.directory.path() / "junit/shard-7-test.test_a.xml", "of another card"));
  REQUIRE(write_file(desk.directory.path() / "junit/shard-1-test.test_c.xml", "of a file that is gone"));
  REQUIRE(write_file(desk.directory.path() / "junit/other.xml", "not ours"));
  const std::set<std::string> expected{"shard-0-test.test_a.xml", "shard-1-test.test_a.xml",
                                       "shard-1-test.nn.test_b.xml", "shard-none-test.test_a.xml"};
  CHECK(desk.write() == expected);
  auto with_other = expected;
  with_other.insert("other.xml");
  CHECK(desk.there() == with_other);
  CHECK(desk.text("shard-1-test.test_a.xml").find("<testsuite name=\"pytorch.shard-1-test.test_a\" tests=\"1\"") !=
        std::string::npos);
  CHECK(desk.write() == expected);
}

TEST_CASE("writing a test file replaces its documents and no others") {
  Desk desk;
  desk.put("test/test_a.py", "a", {attempt(Outcome::passed, 0)});
  desk.put("test/test_a_b.py", "a", {attempt(Outcome::passed, 0)});
  desk.write();
  auto directory = Directory::open(desk.directory.path(), false);
  REQUIRE(directory);
  desk.record.cases[0].attempts = {attempt(Outcome::passed, 5)};
  REQUIRE(directory->write("test/test_a.py", {&desk.record.cases[0]}, desk.record));
  CHECK(desk.there() == std::set<std::string>{"shard-5-test.test_a.xml", "shard-0-test.test_a_b.xml"});
}

TEST_CASE("a large document is split") {
  Desk desk;
  Attempt failed = attempt(Outcome::failed, 0);
  failed.details = std::string(16 * 1024, 'x');
  for (int i = 0; i < 600; ++i) desk.put("test/test_a.py", fmt::format("t{}", i), {failed});
  CHECK(desk.write() == std::set<std::string>{"shard-0-test.test_a.xml", "shard-0-test.test_a+2.xml"});
  std::size_t cases = 0;
  for (const std::string& name : desk.there())
    cases += read_report(desk.directory.path() / "junit" / name)->cases.size();
  CHECK(cases == 600);
  desk.record.cases.resize(1);
  CHECK(desk.write() == std::set<std::string>{"shard-0-test.test_a.xml"});
  CHECK(desk.there().size() == 1);
}

TEST_CASE("unusual paths of test files have their own documents in the directory") {
  Desk desk;
  const std::vector<std::string> files{"../../etc/passwd",
                                       "/abs.py",
                                       "test/a b.py",
                                       "test/a_b.py",
                                       "test/a/b.py",
                                       "test/a.b.py",
                                       "test.a.b",
                                       "test/\xc3\xa9\n.py",
                                       "",
                                       "test/a+2.py",
                                       std::string(400, 'x') + ".py",
                                       std::string(400, 'x') + "y.py"};
  for (const std::string& file : files) desk.put(file, "t", {attempt(Outcome::passed, 0)});
  const std::set<std::string> names = desk.write();
  CHECK(names.size() == files.size());
  CHECK(desk.there() == names);
  CHECK(names.contains("shard-0-test.a_b.xml"));
  CHECK(names.contains("shard-0-test.a.b.xml"));
  for (const std::string& name : names) CHECK(name.size() < 200);
  // Found again by their names alone.
  desk.record.cases.resize(1);
  CHECK(desk.write().size() == 1);
  CHECK(desk.there().size() == 1);
}

TEST_CASE("an unwritable directory is an error, and is not created again") {
  Desk desk;
  desk.put("test/test_a.py", "a", {attempt(Outcome::passed, 0)});
  auto directory = Directory::open(desk.directory.path(), false);
  REQUIRE(directory);
  fs::remove_all(desk.directory.path() / "junit");
  const auto written = directory->write("test/test_a.py", {&desk.record.cases[0]}, desk.record);
  REQUIRE_FALSE(written);
  CHECK(written.error().message.find("shard-0-test.test_a.xml") != std::string::npos);
  CHECK_FALSE(fs::exists(desk.directory.path() / "junit"));
}

TEST_CASE("tags of a test are written as properties of its cases on request") {
  const auto directory = TemporaryDirectory::create();
  RunRecord record;
  record.started = "2026-11-22T03:35:00Z";
  record.tags["test/test_a.py::test_x"] = {"model_<1>", "model_2"};
  CaseResult one;
  one.id = "test/test_a.py::test_x[0]";
  one.unit = "test/test_a.py::test_x";
  one.attempts.push_back({Outcome::passed, 1, {}, {}, {}, 0});
  CaseResult other = one;
  other.id = other.unit = "test/test_a.py::test_y";
  record.cases = {one, other};
  const auto text = [&](bool tags) {
    const auto files = write_files(record, directory->path(), tags);
    REQUIRE(files);
    return read_file(files->front()).value();
  };
  CHECK(text(false).find("<properties>") == std::string::npos);
  const std::string tagged = text(true);
  CHECK(tagged.find("<properties><property name=\"tag\" value=\"model_&lt;1&gt;\"/><property name=\"tag\" "
                    "value=\"model_2\"/></properties></testcase>") != std::string::npos);
  CHECK(tagged.find("<properties>") == tagged.rfind("<properties>"));
  CHECK(parse_report(tagged, "t.xml")->cases.size() == 2);
}
