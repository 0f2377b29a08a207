// SPDX-License-Identifier: Apache-2.0
#include "agent/report/history_text.hpp"

#include "agent/report/plot.hpp"
#include "agent/report/text_table.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::report;
using results::Outcome;

namespace {

constexpr std::int64_t new_year = 1'767'225'600'000;  // 2026-01-01T00:00:00Z
constexpr std::int64_t day = 86'400'000;

history::KnownDurations known() {
  history::KnownDurations out;
  out.cases["test/test_a.py::T::test_x"] = {{"test/test_a.py::TCPU::test_x_0", 2},
                                            {"test/test_a.py::TCPU::test_x_1", 3}};
  out.cases["test/test_a.py::T::test_y"] = {{"test/test_a.py::TCPU::test_y", 1}};
  out.cases["test/test_b.py::test_z"] = {{"test/test_b.py::test_z", 90}};
  out.imports = {{"test/test_a.py", 4}};
  return out;
}

history::TrendPoint point(std::int64_t time, const std::string& stage, std::size_t passed, std::size_t failures) {
  history::TrendPoint out;
  out.time = time;
  out.stage = stage;
  out.revision = "b2a59f0";
  out.runs = 1;
  out.tests = 100;
  out.cases = passed + failures;
  out.passed = passed;
  out.failures = failures;
  out.wall_s = 63;
  return out;
}

history::CaseHistory a_history(std::size_t runs) {
  history::CaseHistory out;
  out.id = "test/test_a.py::TCPU::test_x";
  for (std::size_t i = 0; i < runs; ++i) {
    history::CaseRun run;
    run.run_id = "run";
    run.revision = "b2a59f0";
    run.started = new_year + static_cast<std::int64_t>(runs - i) * day;
    run.outcome = i == 0 ? Outcome::failed : Outcome::passed;
    run.attempts = 1;
    run.seconds = 2;
    run.message = i == 0 ? "1 != 2" : "";
    out.runs.push_back(run);
  }
  return out;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("columns are aligned by display width") {
  TextTable table({{"name"}, {"n", TextTable::Align::right}, {"rest"}});
  CHECK(table.text().empty());
  table.add({"日本", "7", "x"});
  table.add({"ab\x1b", "100"});
  CHECK(table.text() ==
        "name    n  rest\n"
        "日本    7  x\n"
        "ab?   100\n");
}

TEST_CASE("durations by case, test, class and file") {
  CHECK(format_durations(duration_rows(known(), DurationLevel::file), 10) ==
        "      time  cases  name\n"
        "1 min 30 s      1  test/test_b.py\n"
        "    10.0 s      3  test/test_a.py\n");
  CHECK(duration_rows(known(), DurationLevel::klass).at(1).name == "test/test_a.py::T");
  CHECK(duration_rows(known(), DurationLevel::klass).at(1).seconds == 6);
  CHECK(duration_rows(known(), DurationLevel::test).at(1).name == "test/test_a.py::T::test_x");
  CHECK(duration_rows(known(), DurationLevel::test_case).size() == 4);
  CHECK(format_durations(duration_rows(known(), DurationLevel::test_case), 1).find("and 3 more") != std::string::npos);
  CHECK(format_durations({}, 10) == "the history has no durations yet\n");
  CHECK(parse_duration_level("class") == DurationLevel::klass);
  CHECK(parse_duration_level("clas").error().kind == ErrorKind::usage);
}

TEST_CASE("flaky tests for people") {
  history::Flakiness flakiness;
  flakiness.runs = 10;
  flakiness.tests = 50;
  CHECK(format_flakiness(flakiness, 10) == "0 of 50 tests are flaky: 0.0 %, the goal is below 5.0 %; 10 runs\n");
  history::FlakyCase flaky;
  flaky.id = "test/test_a.py::TCPU::test_x";
  flaky.trials = 15;
  flaky.failures = flaky.flips = 5;
  flaky.rate = history::wilson(5, 15);
  flaky.flaky = true;
  flakiness.cases = {flaky};
  flakiness.flaky_tests = 1;
  flakiness.quarantine = {flaky.id};
  CHECK(format_flakiness(flakiness, 10) ==
        "        failed  runs  rate at least  case\n"
        "flaky  5 of 15     5         17.3 %  test/test_a.py::TCPU::test_x\n"
        "\n"
        "Suggested for quarantine\n"
        "  test/test_a.py::TCPU::test_x\n"
        "\n"
        "1 of 50 tests are flaky: 2.0 %, the goal is below 5.0 %; 10 runs\n");
}

TEST_CASE("a trend for people") {
  CHECK(format_trend({point(new_year, "1", 90, 10)}) ==
        "time              stage  runs  tests  cases  pass rate  failures  not run  flaky        took  revision\n"
        "2026-01-01 00:00  1         1    100    100     90.0 %        10        0  0.0 %  1 min 03 s  b2a59f0\n");
  CHECK(format_trend({}) == "the history has no such runs\n");
}

TEST_CASE("the history of a test for people") {
  history::CaseHistory shown = a_history(2);
  shown.months.push_back({202512, 30, 28, 1, 1, 2.5});
  CHECK(format_case_histories({shown}) ==
        "test/test_a.py::TCPU::test_x\n"
        "started           outcome   time  tries  revision  message\n"
        "2026-01-03 00:00  failed   2.0 s      1  b2a59f0   1 != 2\n"
        "2026-01-02 00:00  passed   2.0 s      1  b2a59f0\n"
        "month    runs  passed  failed  flaky\n"
        "2025-12    30      28       1      1\n");
}

TEST_CASE("the plot of a test has a bar for each run, oldest first") {
  CHECK(history_plot(a_history(1)).empty());
  const std::string plot = history_plot(a_history(3));
  CHECK(count(plot, "<rect") == 3);
  CHECK(plot.rfind("failed after 2.0 s") > plot.rfind("passed after 2.0 s"));
  CHECK(count(history_plot(a_history(500)), "<rect") == 60);
}

TEST_CASE("the plot of a trend has a line for each stage in each panel") {
  CHECK(trend_plot({}).empty());
  const std::string plot =
      trend_plot({point(new_year, "1", 90, 10), point(new_year, "<2>", 1, 0), point(new_year + day, "1", 95, 5)});
  CHECK(count(plot, "<path") == 2 * 4);
  CHECK(count(plot, "<circle") == 3 * 4);
  CHECK(plot.find("stage &lt;2&gt;") != std::string::npos);
  CHECK(plot.find("nan") == std::string::npos);
  CHECK(plot.starts_with("<svg xmlns="));
  CHECK(trend_plot({point(new_year, "", 0, 0)}).find("nan") == std::string::npos);
}
