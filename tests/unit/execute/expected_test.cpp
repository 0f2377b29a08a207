// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/expected.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/execute/run_bench.hpp"

using namespace spyre;
using namespace spyre::execute;
using results::Outcome;
using testsel::Mode;

namespace {

Outcome becomes(Outcome outcome, Mode mode, const std::string& message = "why") {
  return as_expected({outcome, 1, message, {}, {}, 0}, {mode, "c.yaml:1:1", {}}).outcome;
}

}  // namespace

TEST_CASE("every outcome in every mode") {
  for (const Outcome outcome : {Outcome::passed, Outcome::failed, Outcome::error, Outcome::skipped, Outcome::xfailed,
                                Outcome::xpassed, Outcome::crashed, Outcome::timed_out, Outcome::not_run}) {
    CHECK(becomes(outcome, Mode::mandatory_success) == outcome);
  }
  for (const Mode mode : {Mode::xfail, Mode::xfail_strict}) {
    CHECK(becomes(Outcome::failed, mode) == Outcome::xfailed);
    CHECK(becomes(Outcome::error, mode) == Outcome::xfailed);
    CHECK(becomes(Outcome::xfailed, mode) == Outcome::xfailed);
    CHECK(becomes(Outcome::skipped, mode) == Outcome::skipped);
    CHECK(becomes(Outcome::crashed, mode) == Outcome::crashed);
    CHECK(becomes(Outcome::timed_out, mode) == Outcome::timed_out);
  }
  CHECK(becomes(Outcome::passed, Mode::xfail) == Outcome::xpassed);
  CHECK(becomes(Outcome::xpassed, Mode::xfail) == Outcome::xpassed);
  CHECK(becomes(Outcome::passed, Mode::xfail_strict) == Outcome::failed);
  CHECK(becomes(Outcome::xpassed, Mode::xfail_strict) == Outcome::failed);
}

TEST_CASE("a strict pass that torch-spyre's plugin has already reported stays a failure") {
  CHECK(becomes(Outcome::failed, Mode::xfail_strict, "[XPASS(strict)] has to fail") == Outcome::failed);
  CHECK(becomes(Outcome::failed, Mode::xfail, "Unexpected success") == Outcome::failed);
}

TEST_CASE("messages contain the expectation and its place") {
  const auto failed = as_expected({Outcome::failed, 1, "AssertionError", {}, {}, 0}, {Mode::xfail, "c.yaml:3:5", {}});
  CHECK(failed.message == "may fail (c.yaml:3:5): AssertionError");
  const auto passed = as_expected({Outcome::passed, 1, "", {}, {}, 0}, {Mode::xfail_strict, "c.yaml:3:5", {}});
  CHECK(passed.message == "[XPASS(strict)] passed, and has to fail (c.yaml:3:5)");
}

TEST_CASE("a case with the mode skip is skipped and never started; one that may fail is not retried") {
  fake::RunBench bench;
  bench.execute.retries = 2;
  bench.add_file("test_a.py", {{{"a", fake::Does::pass}, {"fails", fake::Does::fail}, {"crashes", fake::Does::crash}}});
  bench.expectations = {{"test_a.py::crashes", {Mode::skip, "disabled", {}}},
                        {"test_a.py::fails", {Mode::xfail, "c.yaml:1:1", {}}}};
  const auto record = bench.run();
  CHECK(fake::outcomes(record) ==
        std::map<std::string, std::string>{{"a", "passed"}, {"fails", "xfailed"}, {"crashes", "skipped"}});
  CHECK(fake::find_case(record, "test_a.py::crashes").attempts.at(0).message == "disabled");
  CHECK(bench.starts["test_a.py::crashes"] == 0);
  CHECK(record.exit_code() == 0);
}
