// SPDX-License-Identifier: Apache-2.0
#include "agent/junit/reader.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>

#include <fmt/format.h>
#include <rapidcheck.h>

#include "agent/core/files.hpp"
#include "agent/junit/junit.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/project.hpp"
#include "tests/unit/junit/only_case.hpp"

using namespace spyre;
using namespace spyre::results;
using namespace spyre::junit;
namespace fs = std::filesystem;
using namespace std::string_literals;

namespace {

Report read(const std::string& text) {
  auto report = parse_report(text, "t.xml");
  INFO(text);
  REQUIRE(report);
  return std::move(*report);
}

KeptCase only_case(const std::string& attributes, const std::string& children = {}) {
  return only_case_of(
      parse_report("<testsuite><testcase " + attributes + ">" + children + "</testcase></testsuite>", "t.xml"));
}

// A cut within the error of a tear-down leaves that as a case of its own, of the same name.
std::vector<std::string> ids(const Report& report) {
  std::vector<std::string> out;
  for (const Case& each : report.cases) out.push_back(each.id());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::string error_of(const std::string& text) {
  const auto report = parse_report(text, "t.xml");
  REQUIRE_FALSE(report);
  CHECK(report.error().kind == ErrorKind::invalid);
  return report.error().message;
}

}  // namespace

TEST_CASE("identities are the same for every writer") {
  const std::string wanted = "test/test_torch.py::TestTorch::test_sum";
  CHECK(only_case(R"(classname="test.test_torch.TestTorch" name="test_sum" file="test/test_torch.py")").id() == wanted);
  CHECK(only_case(R"(classname="test.test_torch.TestTorch" name="test_sum")").id() == wanted);
  CHECK(only_case(R"(classname="TestTorch" name="test_sum" file="test/test_torch.py")").id() == wanted);
  CHECK(only_case(R"(classname="TestTorch" name="test_sum" file="test_torch.py")").id() == wanted);
  CHECK(only_case(R"(classname="__main__.TestTorch" name="test_sum" file="./test_torch.py")").id() == wanted);
  CHECK(only_case(R"(classname="test_torch.TestTorch" name="test_sum" file="/ws/test/test_torch.py")").id() == wanted);
  CHECK(only_case(R"(classname="test_torch.TestTorch" name="test_sum" file="C:\ws\test\test_torch.py")").id() ==
        wanted);
  CHECK(only_case(R"(classname="test_torch.TestTorch" name="test_sum")").id() == wanted);
}

TEST_CASE("identities of other kinds") {
  CHECK(only_case(R"(classname="test.nn.test_conv.TestA.TestB" name="test_x[a::b]")").id() ==
        "test/nn/test_conv.py::TestA::TestB::test_x[a::b]");
  CHECK(only_case(R"(classname="test.test_fn" name="test_x")").id() == "test/test_fn.py::test_x");
  CHECK(only_case(R"(classname="" name="test.test_broken")").id() == "test/test_broken.py");
  CHECK(only_case(R"(classname="com.example.FooTest" name="bar")").id() == "com.example.FooTest::bar");
  CHECK(only_case(R"(name="alone")").id() == "alone");
  CHECK(only_case(R"(classname="a b" name="a b" file="src/x.test.js")").id() == "src/x.test.js::a b");
}

TEST_CASE("failure has a higher rank than error, error a higher one than skipped") {
  const auto outcome = [](const std::string& children) { return only_case("name=\"x\"", children).outcome; };
  CHECK(outcome("") == Outcome::passed);
  CHECK(outcome("<skipped/>") == Outcome::skipped);
  CHECK(outcome("<skipped/><error/>") == Outcome::error);
  CHECK(outcome("<failure/><error/><skipped/>") == Outcome::failed);
  CHECK(outcome("<error/><failure/>") == Outcome::failed);
  CHECK(outcome("<system-out>FAILED</system-out><properties/>") == Outcome::passed);
  CHECK(outcome("<rerun message='x'/><skipped/>") == Outcome::skipped);
}

TEST_CASE("flaky is a pass after a rerun") {
  CHECK(only_case("name=\"x\"", "<rerun/>").flaky());
  CHECK(only_case("name=\"x\"", "<flakyFailure/><flakyError/>").reruns == 2);
  CHECK_FALSE(only_case("name=\"x\"", "<rerun/><failure/>").flaky());
  CHECK_FALSE(only_case("name=\"x\"").flaky());
}

TEST_CASE("messages and texts") {
  const KeptCase with_message = only_case("name=\"x\"", "<failure message='a &lt; b'>line one\nline two</failure>");
  CHECK(with_message.message == "a < b");
  CHECK(with_message.details == "line one\nline two");
  CHECK(only_case("name=\"x\"", "<failure>\n  line one\nline two</failure>").message == "line one");
  CHECK(only_case("name=\"x\"", "<error type='OSError'/>").message == "OSError");
  CHECK(only_case("name=\"x\"", "<failure>a<![CDATA[<b>]]>c</failure>").details == "a<b>c");
  CHECK(only_case("name=\"x\"", "<failure>one</failure><failure>two</failure>").details == "one\ntwo");
  CHECK(only_case("name=\"x\"", "<failure>&#27;[31mred&#27;[0m &#7;</failure>").details == "red \xEF\xBF\xBD");
}

TEST_CASE("times in several notations") {
  const auto time = [](const std::string& text) { return only_case("name=\"x\" time=\"" + text + "\"").time_s; };
  CHECK(time("0.25") == 0.25);
  CHECK(time("1,234.5") == 1234.5);
  CHECK(time("0,5") == 0.5);
  CHECK(time("1e-3") == 0.001);
  CHECK(time("") == 0);
  CHECK(time("-1") == 0);
  CHECK(time("nan") == 0);
  CHECK(time("soon") == 0);
}

TEST_CASE("markup that only looks like a case is ignored") {
  CHECK(read("<testsuites><!-- <testcase name='x'/> --></testsuites>").cases.empty());
  CHECK(read("<testsuite><system-out><![CDATA[<testcase name='x'/>]]></system-out></testsuite>").cases.empty());
  CHECK(read("<testsuite><properties><property name='<testcase'/></properties></testsuite>").cases.empty());
  CHECK(read("<!DOCTYPE x [<!ENTITY a '<testcase>'>]><testsuite><testcase name='a>b'/></testsuite>").cases.size() == 1);
  CHECK(read("<?xml version='1.0'?><testcase name='bare'/>").cases.size() == 1);
  CHECK(read("<testsuite/>").cases.empty());
}

TEST_CASE("an error of a whole suite is a case with the name of the suite") {
  const Report report = read("<testsuite name='s'><error message='it broke'>why</error></testsuite>");
  REQUIRE(report.cases.size() == 1);
  CHECK(report.cases[0].name == "s");
  CHECK(report.cases[0].outcome == Outcome::error);
  CHECK(report.cases[0].message == "it broke");
}

TEST_CASE("a file that is not JUnit is refused with one line") {
  CHECK(error_of("") == "t.xml is empty");
  CHECK(error_of(" \n\t") == "t.xml is empty");
  CHECK(error_of("hello") == "t.xml is not JUnit XML: it has no <testsuite>");
  CHECK(error_of("<html><body/></html>") == "t.xml is not JUnit XML: it has no <testsuite>");
  CHECK(error_of("<testsuite><testcase name=\"x") == "t.xml: byte 28: the text is cut off here");
}

TEST_CASE("a case without its end does not affect other cases") {
  const Report report = read(
      "<testsuite><testcase name='a'><testcase name='b'/><testcase name='c'><failure>x"
      "</failure></testsuite>");
  REQUIRE(report.cases.size() == 2);
  CHECK(report.cases[0].name == "b");
  CHECK(report.cases[1].name == "c");
  CHECK(report.cases[1].outcome == Outcome::failed);
  CHECK(report.losses.size() == 2);
}

TEST_CASE("a long list of losses is shortened") {
  std::string text = "<testsuite>";
  for (int i = 0; i < 50; ++i) text += "<testcase name='a'><testcase name='b'/>";
  const Report report = read(text + "</testsuite>");
  CHECK(report.cases.size() == 50);
  CHECK(report.losses.size() == 21);
  CHECK(report.losses.back() == "t.xml: and 30 more losses");
}

TEST_CASE("a case without an end uses bounded memory") {
  std::vector<std::string> names;
  const Sink sink = [&](const Case& each) { names.emplace_back(each.name); };
  Reader reader("x.xml", sink, 1000);
  reader.feed("<testsuite><testcase name='a'/><testcase name='b'><failure><![CDATA[");
  for (int i = 0; i < 100; ++i) reader.feed(std::string(100, 'x'));
  reader.feed("]]></failure></testcase><testcase name='c'/></testsuite>");
  const auto losses = reader.finish();
  REQUIRE(losses);
  CHECK(names == std::vector<std::string>{"a", "c"});
  REQUIRE(losses->size() == 1);
  CHECK(losses->front() == "x.xml: byte 31: skipped more than 1000 B without an end");
}

TEST_CASE("the positions of block boundaries do not matter") {
  const auto describe = [](std::string_view text, std::size_t block) {
    std::string out;
    const Sink sink = [&](const Case& each) {
      out += fmt::format("{} {} {} {} {} {}\n", name(each.outcome), each.id(), each.time_s, each.reruns, each.message,
                         each.details);
    };
    Reader reader("x", sink);
    for (std::size_t at = 0; at < text.size(); at += block) reader.feed(text.substr(at, block));
    const auto losses = reader.finish();
    REQUIRE(losses);
    for (const std::string& loss : *losses) out += loss + "\n";
    return out;
  };
  const auto same_in_all_blocks = [&](std::string_view text) {
    const std::string whole = describe(text, text.size());
    for (const std::size_t block : {1, 7, 300}) CHECK(describe(text, block) == whole);
  };
  SECTION("of every writer") {
    const std::string dialect =
        GENERATE("pytest-xunit1", "unittest-xml", "surefire", "merged", "utf16", "latin1", "damaged", "truncated");
    CAPTURE(dialect);
    const auto text = read_file(test::fixtures() / "junit" / (dialect + ".xml"));
    REQUIRE(text);
    same_in_all_blocks(*text);
  }
  SECTION("of malformed start tags") {
    for (const char* tag : {"na>me='x' classname='C'>", "name='x' a\"b>c\" d='e'>", "name='x' a/>b='c'/>", "name=x>",
                            "c=\"b\" A\"e=\"x>\" name='x'>"}) {
      CAPTURE(tag);
      same_in_all_blocks(
          fmt::format("<testsuite><testcase {}<failure>why</failure></testcase><testcase name='y'/></testsuite>", tag));
    }
  }
}

TEST_CASE("an encoding that is declared after the prolog is ignored, wherever the first block ends") {
  const std::string text =
      "<?xml" + std::string(300, ' ') + "encoding='latin1'?><testsuite><testcase name='\xC3\xA4'/>";
  for (const std::size_t block : {text.size(), std::size_t{256}, std::size_t{1}}) {
    std::string name;
    const Sink sink = [&](const Case& each) { name = each.name; };
    Reader reader("x", sink);
    for (std::size_t at = 0; at < text.size(); at += block) reader.feed(std::string_view(text).substr(at, block));
    REQUIRE(reader.finish());
    CHECK(name == "\xC3\xA4");
  }
}

TEST_CASE("a file cut at any byte gives the cases before the cut") {
  const auto text = read_file(test::fixtures() / "junit" / "pytest-xunit1.xml");
  REQUIRE(text);
  const auto whole = parse_report(*text, "x");
  REQUIRE(whole);
  CHECK(rc::check("prefix", [&] {
    // After the last tag, there is nothing to lose.
    const auto cut = *rc::gen::inRange<std::size_t>(0, text->rfind('>') + 1);
    const auto part = parse_report(std::string_view(*text).substr(0, cut), "x");
    if (!part) return;
    const std::vector<std::string> found = ids(*part), all = ids(*whole);
    RC_ASSERT(found.size() <= all.size());
    RC_ASSERT(std::equal(found.begin(), found.end(), all.begin()));
    // After the last case, only the end tags of the suites can be missing.
    RC_ASSERT(!part->losses.empty());
  }));
}

TEST_CASE("a file is read from the disk, and its name is used as the origin") {
  const auto directory = TemporaryDirectory::create();
  REQUIRE(directory);
  const fs::path path = directory->path() / "r.xml";
  CHECK(read_report(path).error().kind == ErrorKind::not_found);
  REQUIRE(write_file(path, "<testsuite><testcase name='a'/></testsuite>"));
  const auto report = read_report(path);
  REQUIRE(report);
  CHECK(report->cases.size() == 1);
  CHECK(read_report(directory->path()).error().kind == ErrorKind::io);
}

TEST_CASE("ten thousand damaged files are read or refused") {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(test::fixtures() / "junit")) {
    if (entry.path().extension() == ".xml") files.push_back(read_file(entry.path()).value());
  }
  std::ranges::sort(files);
  REQUIRE(files.size() >= 10);
  const std::vector<std::string> pieces{"<",
                                        ">",
                                        "</testcase>",
                                        "<testcase name='x'>",
                                        "&#x0;",
                                        "<![CDATA[",
                                        "]]>",
                                        "\"",
                                        "\0"s,
                                        "\xFF\xFE\xC3\x28",
                                        "<!DOCTYPE a [<!ENTITY e 'e'>]>",
                                        "&e;",
                                        "<!--"};
  std::mt19937 chance(7);
  const auto below = [&](std::size_t end) { return static_cast<std::size_t>(chance() % end); };
  std::size_t read = 0, refused = 0, with_losses = 0;
  for (int i = 0; i < 10'000; ++i) {
    std::string text = files[below(files.size())];
    for (std::size_t damage = 1 + below(4); damage > 0; --damage) {
      const std::size_t at = below(text.size() + 1);
      switch (below(4)) {
        case 0:
          text.insert(at, pieces[below(pieces.size())]);
          break;
        case 1:
          text.erase(at, below(200));
          break;
        case 2:
          text.insert(at, text.substr(below(text.size() + 1), below(500)));
          break;
        default:
          text.resize(at);
      }
    }
    const auto report = parse_report(text, "x.xml");
    if (!report) {
      ++refused;
      CHECK_FALSE(report.error().message.empty());
      continue;
    }
    ++read;
    with_losses += report->losses.empty() ? 0 : 1;
    for (const Case& each : report->cases) {
      if (each.time_s < 0 || !std::isfinite(each.time_s) || each.id().empty()) FAIL("a case of " << text);
    }
  }
  CHECK(read > 5'000);
  CHECK(with_losses > 1'000);
  CAPTURE(refused);
}
