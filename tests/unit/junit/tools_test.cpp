// SPDX-License-Identifier: Apache-2.0
#include "agent/junit/tools.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/files.hpp"
#include "agent/core/json.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/json_schema.hpp"
#include "tests/support/project.hpp"

using namespace spyre;
using namespace spyre::results;
using namespace spyre::junit;
namespace fs = std::filesystem;

namespace {

// Files in a directory that is removed with the test.
class Reports {
 public:
  Reports() : m_directory(TemporaryDirectory::create().value()) {}
  fs::path add(const std::string& file, const std::string& text) {
    REQUIRE(write_file(m_directory.path() / file, text));
    return m_directory.path() / file;
  }
  const fs::path& path() const { return m_directory.path(); }

 private:
  TemporaryDirectory m_directory;
};

std::string suite(const std::string& cases) {
  return "<testsuite name=\"s\">" + cases + "</testsuite>";
}

Summary summary_of(const std::vector<fs::path>& files) {
  auto summary = summarize(files);
  REQUIRE(summary);
  return *summary;
}

std::size_t count(const Summary& summary, Outcome outcome) {
  return summary.outcomes[static_cast<std::size_t>(outcome)];
}

}  // namespace

TEST_CASE("several files give one summary") {
  Reports reports;
  const Summary summary =
      summary_of({reports.add("a.xml", suite("<testcase name='z' time='1'><failure message='1 != 2'/></testcase>"
                                             "<testcase name='ok' time='2'><rerun/></testcase>")),
                  reports.add("b.xml", suite("<testcase name='a' time='3'><failure message='3 != 4'/></testcase>"
                                             "<testcase name='s'><skipped/></testcase>"))});
  CHECK(summary.files == 2);
  CHECK(summary.collected() == 4);
  CHECK(count(summary, Outcome::failed) == 2);
  CHECK(summary.flaky == 1);
  CHECK(summary.time_s == 6);
  CHECK(summary.exit_code() == 1);
  REQUIRE(summary.failures.size() == 2);
  CHECK(summary.failures[0].id == "a");
  REQUIRE(summary.groups.size() == 1);
  CHECK(summary.groups[0].cases.size() == 2);
}

TEST_CASE("exit codes of summaries") {
  Reports reports;
  const auto code = [&](const std::string& text) { return summary_of({reports.add("x.xml", text)}).exit_code(); };
  CHECK(code(suite("<testcase name='a'/>")) == 0);
  CHECK(code(suite("<testcase name='a'><skipped/></testcase>")) == 0);
  CHECK(code(suite("<testcase name='a'><failure/></testcase>")) == 1);
  CHECK(code(suite("<testcase name='a'><error/></testcase>")) == 1);
  CHECK(code(suite("<testcase name='a'><error type='not_run'/></testcase>")) == 3);
  CHECK(code(suite("")) == 4);
  CHECK(code("") == 3);
  CHECK(code("not XML") == 3);
  CHECK(code("<testsuite><testcase name='a'/><testcase name='b'><failure>x") == 3);
}

TEST_CASE("an empty file among valid ones is reported, and the result is not green") {
  Reports reports;
  const Summary summary =
      summary_of({reports.add("a.xml", suite("<testcase name='a'/>")), reports.add("empty.xml", "")});
  CHECK(summary.collected() == 1);
  REQUIRE(summary.losses.size() == 1);
  CHECK(summary.losses[0] == (reports.path() / "empty.xml").string() + " is empty");
  CHECK(summary.exit_code() == 3);
}

TEST_CASE("a file with the same content as another is counted once") {
  Reports reports;
  const std::string text = suite("<testcase name='a'/>");
  const Summary summary = summary_of({reports.add("a.xml", text), reports.add("b.xml", text)});
  CHECK(summary.collected() == 1);
  CHECK(summary.files == 1);
  CHECK(summary.warnings.size() == 1);
  CHECK(summary.exit_code() == 0);
}

TEST_CASE("the summary of files is a summary document") {
  Reports reports;
  const nlohmann::json document = to_json(summary_of({reports.add(
      "a.xml", suite("<testcase classname='test.test_a.A' name='b' time='1.5'><error message='RAS::x'/>"
                     "</testcase><testcase name='n'><error type='not_run' message='no card'/></testcase>"))}));
  CHECK(schema_violations(document, "summary").empty());
  CHECK(document["totals"]["collected"] == 2);
  CHECK(document["totals"]["error"] == 1);
  CHECK(document["failures"][0]["id"] == "test/test_a.py::A::b");
  CHECK(document["groups"][0]["kind"] == "card");
  CHECK(document["not_run"] == nlohmann::json{{"no card", 1}});
  CHECK(document["exit_code"] == 3);
}

TEST_CASE("directories stand for the files in them") {
  Reports reports;
  const fs::path b = reports.add("in/b.xml", "x"), a = reports.add("in/deep/a.xml", "x");
  reports.add("in/notes.txt", "x");
  const fs::path other = reports.add("other.xml", "x");
  const auto files = find_files({other, reports.path() / "in"});
  REQUIRE(files);
  CHECK(*files == std::vector<fs::path>{other, b, a});
  CHECK(find_files({reports.path() / "missing.xml"}).error().kind == ErrorKind::not_found);
  fs::create_directory(reports.path() / "void");
  CHECK(find_files({reports.path() / "void"}).error().kind == ErrorKind::nothing_selected);
}

TEST_CASE("a missing file is an error") {
  CHECK(summarize({"/nonexistent/x.xml"}).error().kind == ErrorKind::not_found);
}

TEST_CASE("merging keeps every case, and is well-formed") {
  Reports reports;
  const fs::path directory = test::fixtures() / "junit";
  const std::vector<fs::path> files{directory / "pytest-xunit1.xml", directory / "surefire.xml",
                                    directory / "googletest.xml", directory / "jest.xml", directory / "damaged.xml"};
  const fs::path output = reports.path() / "merged.xml";
  const auto merged = merge(files, output, {});
  REQUIRE(merged);
  const Summary before = summary_of(files), after = summary_of({output});
  CHECK(after.outcomes == before.outcomes);
  CHECK(after.flaky == before.flaky);
  CHECK(after.losses.empty());
  CHECK_FALSE(before.losses.empty());
  REQUIRE(after.failures.size() == before.failures.size());
  for (std::size_t i = 0; i < after.failures.size(); ++i) CHECK(after.failures[i].id == before.failures[i].id);
  CHECK(check(output)->empty());
}

TEST_CASE("merging without cases is an error") {
  Reports reports;
  const auto merged = merge({reports.add("a.xml", suite(""))}, reports.path() / "m.xml", {});
  REQUIRE_FALSE(merged);
  CHECK(merged.error().kind == ErrorKind::nothing_selected);
  CHECK_FALSE(fs::exists(reports.path() / "m.xml"));
}

TEST_CASE("valid files of other writers pass the check") {
  const std::string dialect = GENERATE("pytest-xunit1", "pytest-xunit2", "googletest", "ctest");
  CAPTURE(dialect);
  const auto problems = check(test::fixtures() / "junit" / (dialect + ".xml"));
  REQUIRE(problems);
  CHECK(*problems == std::vector<std::string>{});
}

TEST_CASE("the check reports problems for strict readers") {
  Reports reports;
  const auto problem = [&](const std::string& text) {
    const auto problems = check(reports.add("x.xml", text));
    REQUIRE(problems);
    INFO(text);
    REQUIRE_FALSE(problems->empty());
    return problems->front().substr((reports.path() / "x.xml").string().size());
  };
  const std::string good = "<testcase name='a'/>";
  CHECK(problem("") == " is empty");
  CHECK(problem("<testsuite>\n" + good) == ":2: not well-formed: Start-end tags mismatch");
  CHECK(problem("<html><p/></html>") == ":1: this is not JUnit XML: it begins with <html>");
  CHECK(problem("<testsuite/>") == ":1: the file does not contain any case");
  CHECK(problem("<testsuite>\n<testcase/></testsuite>") == ":2: a case without a name");
  CHECK(problem("<testsuite name='s' tests='2'>" + good + "</testsuite>") ==
        ":1: the suite 's' says tests=\"2\", but there are 1");
  CHECK(problem("<testsuite failures='1'>" + good + "</testsuite>") ==
        ":1: the suite '' says failures=\"1\", but there are 0");
  CHECK(problem("<testsuite>\n\n<testcase name='a & b'/></testsuite>") == ":3: a bare '&': write &amp;");
  CHECK(problem("<testsuite><testcase name='a < b'/></testsuite>") == ":1: a '<' in an attribute: write &lt;");
  CHECK(problem("<testsuite><testcase name='\x07'/></testsuite>") ==
        ":1: the control character 0x07, which XML forbids");
  CHECK(problem("<testsuite><testcase name='\xFF'/></testsuite>") == ":1: a byte that is not UTF-8");
  CHECK(problem("<testsuite><testcase name='a'><failure>" + std::string(2 << 20, 'x') +
                "</failure></testcase></testsuite>") == ":1: the failure of 'a' has 2.0 MiB: Jenkins keeps all of it");
  CHECK(check(reports.path() / "missing.xml").error().kind == ErrorKind::not_found);
}

TEST_CASE("quoted and commented text is not checked as markup") {
  Reports reports;
  const auto problems = check(
      reports.add("x.xml",
                  "<?xml version='1.0'?><!-- a & b < c --><testsuite><testcase name='a'><failure><![CDATA[a & b < c]]>"
                  "</failure></testcase></testsuite>"));
  CHECK(problems->empty());
}

TEST_CASE("deeply nested suites are harmless") {
  Reports reports;
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "<testsuite>";
  text += "<testcase name='a'/>";
  for (int i = 0; i < 5000; ++i) text += "</testsuite>";
  const fs::path file = reports.add("deep.xml", text);
  CHECK(summary_of({file}).collected() == 1);
  CHECK_FALSE(check(file)->empty());
}

TEST_CASE("cases only over the budget are incomplete, not infrastructure failures, also after a merge") {
  Reports reports;
  const std::string late =
      "<testcase name='b'><skipped type='not_run.budget' message='over the budget of 1 min'/></testcase>";
  const fs::path file = reports.add("a.xml", suite("<testcase name='a'/>" + late));
  Summary summary = summary_of({file});
  CHECK(count(summary, Outcome::not_run) == 1);
  CHECK(summary.over_budget == 1);
  CHECK(summary.exit_code() == 1);
  const nlohmann::json document = to_json(summary);
  CHECK(document["over_budget"] == 1);
  CHECK(document["not_run"] == nlohmann::json{{"over the budget of 1 min", 1}});
  CHECK(schema_violations(document, "summary").empty());
  const fs::path merged = reports.path() / "all.xml";
  REQUIRE(merge({file}, merged, {}));
  summary = summary_of({merged});
  CHECK(summary.over_budget == 1);
  CHECK(summary.exit_code() == 1);
  const fs::path other = reports.add("b.xml", suite(late + "<testcase name='c'><error type='not_run'/></testcase>"));
  CHECK(summary_of({other}).exit_code() == 3);
}
