// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <rapidcheck.h>

#include "agent/junit/document.hpp"
#include "agent/junit/junit.hpp"
#include "agent/junit/xml_text.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/junit/only_case.hpp"

using namespace spyre;
using namespace spyre::results;
using namespace spyre::junit;

namespace {

Attempt attempt(Outcome outcome, std::string message = {}, int card = 0) {
  Attempt result;
  result.outcome = outcome;
  result.duration_s = 0.25;
  result.message = std::move(message);
  result.card = card;
  return result;
}

CaseResult case_of(std::string id, std::vector<Attempt> attempts) {
  return {id, id, "b1", std::move(attempts), false};
}

std::string written(const std::vector<CaseResult>& cases, Options options = {}) {
  SuiteWriter suite(std::move(options));
  for (const CaseResult& each : cases) suite.add(each);
  return format_document(suite.counts(), suite.finish("2026-11-22T03:35:00.123Z"));
}

KeptCase read_back(const CaseResult& result) {
  return only_case_of(parse_report(written({result}), "w.xml"));
}

const std::string x = "test/test_a.py::TestA::test_x";

}  // namespace

TEST_CASE("a document in the format for Jenkins") {
  CHECK(written({case_of(x, {attempt(Outcome::passed)}), case_of(x, {attempt(Outcome::failed, "1 != 2")})}) ==
        R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="2" failures="1" errors="0" skipped="0" time="0.500">
<testsuite name="pytorch" tests="2" failures="1" errors="0" skipped="0" time="0.500" timestamp="2026-11-22T03:35:00.123Z">
<testcase classname="test.test_a.TestA" name="test_x" file="test/test_a.py" time="0.250"></testcase>
<testcase classname="test.test_a.TestA" name="test_x" file="test/test_a.py" time="0.250"><failure type="failed" message="1 != 2"></failure></testcase>
</testsuite>
</testsuites>
)");
}

TEST_CASE("every outcome is read back as written") {
  for (std::size_t i = 0; i < outcome_count; ++i) {
    const auto outcome = static_cast<Outcome>(i);
    CAPTURE(name(outcome));
    const KeptCase result = read_back(case_of(x, {attempt(outcome, "why")}));
    CHECK(result.outcome == outcome);
    CHECK(result.id() == x);
    CHECK(result.time_s == 0.25);
  }
  CHECK(read_back(case_of(x, {})).outcome == Outcome::not_run);
}

TEST_CASE("counts of errors, failures and skips") {
  const std::string text = written({case_of(x, {attempt(Outcome::crashed)}), case_of(x, {attempt(Outcome::timed_out)}),
                                    case_of(x, {attempt(Outcome::error)}), case_of(x, {attempt(Outcome::not_run)}),
                                    case_of(x, {attempt(Outcome::skipped)}), case_of(x, {attempt(Outcome::xfailed)}),
                                    case_of(x, {attempt(Outcome::xpassed)}), case_of(x, {attempt(Outcome::failed)})});
  CHECK(text.find(R"(tests="8" failures="1" errors="4" skipped="2")") != std::string::npos);
}

TEST_CASE("cases over the budget are skipped for Jenkins, and not_run for us") {
  Attempt late;
  late.cause = {Cause::Kind::budget, 60};
  const std::string text = written({case_of(x, {late})});
  CHECK(text.find(R"(<skipped type="not_run.budget" message="over the budget of 1 min 00 s">)") != std::string::npos);
  CHECK(text.find(R"(tests="1" failures="0" errors="0" skipped="1")") != std::string::npos);
  const auto report = parse_report(text, "w.xml");
  REQUIRE(report);
  CHECK(report->cases[0].outcome == Outcome::not_run);
  CHECK(report->cases[0].over_budget);
  CHECK_FALSE(parse_report(written({case_of(x, {attempt(Outcome::not_run, "why")})}), "w.xml")->cases[0].over_budget);
}

TEST_CASE("earlier attempts of a case") {
  const KeptCase flaky =
      read_back(case_of(x, {attempt(Outcome::failed, "a"), attempt(Outcome::crashed, "b"), attempt(Outcome::passed)}));
  CHECK(flaky.flaky());
  CHECK(flaky.reruns == 2);
  CHECK(
      written({case_of(x, {attempt(Outcome::failed, "a"), attempt(Outcome::crashed, "b"), attempt(Outcome::passed)})})
          .find(R"(<flakyFailure type="failed" message="a"></flakyFailure><flakyError type="crashed" message="b">)") !=
      std::string::npos);
  const KeptCase failed = read_back(case_of(x, {attempt(Outcome::failed, "a"), attempt(Outcome::failed, "b")}));
  CHECK(failed.outcome == Outcome::failed);
  CHECK(failed.message == "b");
  CHECK(failed.reruns == 1);
}

TEST_CASE("ids of every shape are read back") {
  for (const std::string id : {"test/test_a.py", "test/test_a.py::test_f", "test/nn/test_a.py::A::B::test_x[p::q-1]",
                               "test/test_a.py::TestA::test_x[<&\"'>]"}) {
    CHECK(read_back(case_of(id, {attempt(Outcome::passed)})).id() == id);
  }
}

TEST_CASE("texts are capped and valid XML") {
  Attempt failed = attempt(Outcome::failed, "bell \x07 nul \x1B[1mbold\x1B[0m \xFF ]]> & <b> \"q\"");
  failed.details = "head" + std::string(100'000, 'x') + "tail\r\n\ttab \xEF\xBF\xBE";
  failed.output = std::string(100'000, 'y');
  const std::string text = written({case_of(x, {failed})});
  CHECK(text.size() < 30'000);
  CHECK(text.find('\x07') == std::string::npos);
  const KeptCase result = read_back(case_of(x, {failed}));
  CHECK(result.message == "bell \xEF\xBF\xBD nul bold \xEF\xBF\xBD ]]> & <b> \"q\"");
  CHECK(result.details.starts_with("headxxx"));
  CHECK(result.details.ends_with("tail\r\n\ttab \xEF\xBF\xBD"));
}

TEST_CASE("output is written only for cases that did not pass") {
  Attempt passed = attempt(Outcome::passed), failed = attempt(Outcome::failed);
  passed.output = "quiet";
  failed.output = "loud";
  const std::string text = written({case_of(x, {passed}), case_of(x, {failed})});
  CHECK(text.find("quiet") == std::string::npos);
  CHECK(text.find("<system-out>loud</system-out>") != std::string::npos);
}

TEST_CASE("writing and reading again gives the same results") {
  CHECK(rc::check("round trip", [] {
    const auto text = rc::gen::container<std::string>(rc::gen::inRange<char>(-128, 127));
    std::vector<CaseResult> cases;
    const auto count = *rc::gen::inRange(0, 6);
    for (int i = 0; i < count; ++i) {
      CaseResult result = case_of(fmt::format("test/test_{}.py::T{}::test_x", i % 2, i), {});
      const auto attempts = *rc::gen::inRange(1, 4);
      for (int j = 0; j < attempts; ++j) {
        Attempt each;
        each.outcome = *rc::gen::elementOf(std::vector<Outcome>{Outcome::passed, Outcome::failed, Outcome::error,
                                                                Outcome::skipped, Outcome::xfailed, Outcome::xpassed,
                                                                Outcome::crashed, Outcome::timed_out});
        each.duration_s = *rc::gen::inRange(0, 100'000) / 1000.0;
        each.message = "m" + *text;
        each.details = *text;
        result.attempts.push_back(each);
      }
      cases.push_back(result);
    }
    const auto report = parse_report(written(cases), "w.xml");
    RC_ASSERT(report.has_value());
    RC_ASSERT(report->losses.empty());
    RC_ASSERT(report->cases.size() == cases.size());
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const Attempt& last = cases[i].attempts.back();
      RC_ASSERT(report->cases[i].id() == cases[i].id);
      RC_ASSERT(report->cases[i].outcome == last.outcome);
      RC_ASSERT(report->cases[i].flaky() == cases[i].flaky());
      RC_ASSERT(std::abs(report->cases[i].time_s - last.duration_s) < 0.0006);
      if (!is_failure(last.outcome)) continue;
      RC_ASSERT(report->cases[i].message == xml_clean(last.message));
      const std::string details = xml_clean(last.details);
      // Blank text is read as empty.
      RC_ASSERT(report->cases[i].details == details || details.find_first_not_of(" \t\r\n") == std::string::npos);
    }
  }));
}
