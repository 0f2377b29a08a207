// SPDX-License-Identifier: Apache-2.0
#include "agent/report/summary.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/report/records.hpp"

using namespace spyre::report;
using spyre::results::Outcome;
using spyre::results::RunRecord;

TEST_CASE("the summary of a run with every kind of result") {
  RunRecord record = a_run();
  record.infra = {"card 1 is lost"};
  record.warnings = {"the clock jumped"};
  record.not_instantiated = {"test/test_a.py::T::test_none"};
  SummaryOptions options;
  options.rerun = "spyre-ci run --source /src --only test/test_a.py::T::test_boom";
  options.files = {"/runs/1/report.html"};
  CHECK(format_summary(record, options) == R"(Failures: 7 cases of 3 kinds
    5 x  failed: AssertionError: Tensor-likes are not close! 0 of 100
         at test/test_a.py:12
         test/test_a.py::TCPU::test_close_0_cpu
         test/test_a.py::TCPU::test_close_1_cpu
         test/test_a.py::TCPU::test_close_2_cpu
         and 2 more cases
    1 x  crashed: SIGSEGV
         at /src/torch_spyre/ops.py:7
         test/test_a.py::TCPU::test_boom_cpu
    1 x  timed_out: no end after 10 min 00 s
         test/test_a.py::TCPU::test_hang_cpu

Not run
    1 x  the run was stopped

Not instantiated: selected, but produced no cases
  test/test_a.py::T::test_none

Infrastructure
  card 1 is lost

Warnings
  the clock jumped

Flaky: 1 case passed only after another attempt
  test/test_a.py::TCPU::test_flaky_cpu  ConnectionError: reset by peer

Slowest
 10 min 00 s  test/test_a.py::TCPU::test_hang_cpu
      12.5 s  test/test_a.py::TCPU::test_boom_cpu
       2.5 s  test/test_a.py::TCPU::test_flaky_cpu

Run the failures again
  spyre-ci run --source /src --only test/test_a.py::T::test_boom

See also
  /runs/1/report.html

16 cases: 7 passed, 5 failed, 1 skipped, 1 crashed, 1 timed out, 1 not run; 1 flaky in 1 min 03 s
)");
}

TEST_CASE("the summary shows changes since the last run, and machine failures") {
  RunRecord record;
  record.finished = true;
  record.cases = {a_case("test_x", Outcome::failed, 0.1, "1 != 2"),
                  a_case("test_y", Outcome::failed, 0.1, "MemoryError")};
  SummaryOptions options;
  options.comparison = compare(record, "run-7", {{"test/test_a.py::TCPU::test_x_cpu", Outcome::passed}});
  CHECK(format_summary(record, options) == R"(Failures: 1 case of 1 kind
    1 x  failed: 1 != 2
         test/test_a.py::TCPU::test_x_cpu

Failures probably caused by the machine: 1 case of 1 kind
    1 x  failed: MemoryError
         test/test_a.py::TCPU::test_y_cpu

since run run-7: 1 newly failing, 1 new and failing, 1 added

2 cases: 2 failed in 0 ms
)");
}

TEST_CASE("a green run is one line") {
  RunRecord record;
  record.finished = true;
  record.wall_s = 2;
  record.cases.push_back(a_case("test_x", Outcome::passed));
  SummaryOptions options;
  CHECK(format_summary(record, options) == "1 case: 1 passed in 2.0 s\n");
  options.style.colour = true;
  CHECK(format_summary(record, options) == "\x1b[32m1 case: 1 passed in 2.0 s\x1b[0m\n");
  record.finished = false;
  record.interrupted_by = 15;
  options.style.colour = false;
  CHECK(format_summary(record, options) == "1 case: 1 passed in 2.0 s; interrupted by signal 15\n");
}

TEST_CASE("a run without cases is reported") {
  RunRecord record;
  record.finished = true;
  CHECK(format_summary(record, {}) == "0 cases in 0 ms\n");
}

TEST_CASE("many failures do not flood the terminal") {
  RunRecord record;
  record.finished = true;
  for (char a = 'a'; a <= 'z'; ++a) {
    for (char b = 'a'; b <= 'z'; ++b) {
      const std::string name{a, b};
      record.cases.push_back(a_case("test_" + name, Outcome::failed, 0, "Error: " + name + std::string(5000, 'x')));
    }
  }
  SummaryOptions options;
  options.rerun = "spyre-ci run" + std::string(100'000, 'x');
  const std::string text = format_summary(record, options);
  CHECK(text.size() < 20'000);
  CHECK(text.find("and 656 more kinds") != std::string::npos);
  CHECK(failed_units(record).size() == 26 * 26);
}

TEST_CASE("hostile text stays on its line") {
  RunRecord record;
  record.cases.push_back(a_case("test_\x1b[2J\n", Outcome::failed, 0, "a\rb\x1b]0;title\x07"));
  record.infra = {"one\ntwo"};
  const std::string text = format_summary(record, {});
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find('\x07') == std::string::npos);
  CHECK(text.find("one two") != std::string::npos);
}

TEST_CASE("cases over the budget have their own line, with the reason") {
  RunRecord record;
  record.finished = true;
  record.wall_s = 63;
  record.cases = {a_case("test_a", Outcome::passed), a_case("test_b", Outcome::not_run),
                  a_case("test_c", Outcome::not_run)};
  CHECK(incomplete_line(record).empty());
  for (std::size_t i = 1; i < 3; ++i) {
    record.cases[i].attempts[0].cause = {spyre::results::Cause::Kind::budget, 60};
  }
  CHECK(format_summary(record, {}) == R"(Not run
    2 x  over the budget of 1 min 00 s

3 cases: 1 passed, 2 not run in 1 min 03 s
incomplete: 2 of 3 over the budget
)");
}
