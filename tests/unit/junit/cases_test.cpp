// SPDX-License-Identifier: Apache-2.0
#include "agent/junit/cases.hpp"

#include <fmt/format.h>

#include "agent/junit/reader.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::results;
using namespace spyre::junit;

namespace {

std::string described(const Case& each) {
  return fmt::format("{}|{}|{}|{}|{}|{}|{}|{}", each.file, each.classname, each.name, each.message, each.details,
                     each.time_s, each.reruns, name(each.outcome));
}

// Case `i` of many; its texts are gone when `take` returns.
template <class Take>
void with_case(int i, Take take) {
  const std::string file = fmt::format("test/test_{}.py", i / 10), classname = fmt::format("Test{}", i / 10),
                    name = fmt::format("test_{}", i), message = i % 3 == 0 ? "it broke" : "",
                    details = std::string(static_cast<std::size_t>(i), 'x');
  take(Case{file, classname, name, message, details, i * 0.5, i % 2, Outcome::failed});
}

}  // namespace

TEST_CASE("cases own their texts") {
  Cases cases;
  CHECK(cases.empty());
  std::vector<std::string> expected;
  for (int i = 0; i < 1000; ++i) {
    with_case(i, [&](const Case& each) {
      cases.add(each);
      expected.push_back(described(each));
    });
  }
  REQUIRE(cases.size() == expected.size());
  for (std::size_t i = 0; i < cases.size(); ++i) CHECK(described(cases[i]) == expected[i]);
  std::size_t i = 0;
  for (const Case& each : cases) CHECK(described(each) == expected[i++]);
}

TEST_CASE("texts keep their addresses when cases are added and when the container is moved") {
  Cases cases;
  with_case(3, [&](const Case& each) { cases.add(each); });
  const Case before = cases[0];
  for (int i = 0; i < 1000; ++i) with_case(i, [&](const Case& each) { cases.add(each); });
  Cases moved = std::move(cases);
  Cases assigned;
  with_case(7, [&](const Case& each) { assigned.add(each); });
  assigned = std::move(moved);
  CHECK(assigned[0].name.data() == before.name.data());
  CHECK(assigned[0].file.data() == before.file.data());
  CHECK(assigned.size() == 1001);
  assigned.add(before);
  CHECK(described(assigned[1001]) == described(before));
}

TEST_CASE("consecutive cases share their file and class") {
  Cases cases;
  for (int i = 0; i < 20; ++i) with_case(i, [&](const Case& each) { cases.add(each); });
  CHECK(cases[0].file.data() == cases[9].file.data());
  CHECK(cases[0].classname.data() == cases[9].classname.data());
  CHECK(cases[9].file.data() != cases[10].file.data());
  CHECK(cases[10].file == "test/test_1.py");
}

TEST_CASE("copied cases outlive the reader and its input") {
  Cases cases;
  {
    const Sink keep = [&](const Case& each) { cases.add(each); };
    Reader reader("x.xml", keep);
    std::string block = "<testsuite name='s' file='test_s.py'><testcase name='plain' classname='test_s.A'/>";
    block += std::string(1000, ' ');
    block += "<testcase name='&lt;resolved&gt;'><failure message='a\tb'>c &amp; d</failure></testcase>";
    block += "<testcase name='several'><failure>one</failure><error>two</error><failure>three</failure></testcase>";
    block += "<testcase name='&lt;resolved&gt;'><skipped>not &lt;now&gt;</skipped></testcase></testsuite>";
    for (const char c : block) reader.feed(std::string(1, c));
    REQUIRE(reader.finish());
  }
  REQUIRE(cases.size() == 4);
  CHECK(described(cases[0]) == "test/test_s.py|A|plain|||0|0|passed");
  CHECK(described(cases[1]) == "test/test_s.py||<resolved>|a b|c & d|0|0|failed");
  CHECK(described(cases[2]) == "test/test_s.py||several|one|one\nthree|0|0|failed");
  CHECK(described(cases[3]) == "test/test_s.py||<resolved>|not <now>|not <now>|0|0|skipped");
}

TEST_CASE("a failed case that waits for its tear-down owns its texts") {
  std::vector<std::string> told;
  const Sink sink = [&](const Case& each) { told.push_back(described(each)); };
  Reader reader("x.xml", sink);
  const std::string begin = "<testsuite><testcase name='a'><failure message='m'>one</failure></testcase>";
  reader.feed(begin + std::string(300, ' '));
  CHECK(told.empty());
  reader.feed(std::string(3000, '\n'));
  reader.feed("<testcase name='a'><error message='failed on teardown'>two</error></testcase>");
  reader.feed("<testcase name='b'/></testsuite>");
  REQUIRE(reader.finish());
  CHECK(told == std::vector<std::string>{"||a|m|one\ntwo|0|0|failed", "||b|||0|0|passed"});
}
