// SPDX-License-Identifier: Apache-2.0
#include "agent/report/comparison.hpp"

#include "agent/report/causes.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/report/records.hpp"

using namespace spyre::report;
using spyre::results::Attempt;
using spyre::results::Outcome;
using spyre::results::RunRecord;

TEST_CASE("what changed since an earlier run") {
  RunRecord record;
  record.cases = {a_case("test_broke", Outcome::failed),  a_case("test_still", Outcome::crashed),
                  a_case("test_mended", Outcome::passed), a_case("test_skipped", Outcome::skipped),
                  a_case("test_new", Outcome::failed),    a_case("test_same", Outcome::passed)};
  const auto id = [](const std::string& name) { return "test/test_a.py::TCPU::" + name + "_cpu"; };
  const Outcomes earlier{{id("test_broke"), Outcome::passed},     {id("test_still"), Outcome::failed},
                         {id("test_mended"), Outcome::timed_out}, {id("test_skipped"), Outcome::failed},
                         {id("test_same"), Outcome::passed},      {id("test_gone"), Outcome::failed}};
  const Comparison comparison = compare(record, "run-7", earlier);
  using Ids = std::vector<std::string>;
  CHECK(comparison.newly_failing == Ids{id("test_broke")});
  CHECK(comparison.still_failing == Ids{id("test_still")});
  CHECK(comparison.fixed == Ids{id("test_mended")});
  CHECK(comparison.failing_and_new == Ids{id("test_new")});
  CHECK(comparison.added == 1);
  CHECK(comparison.missing == 1);
  CHECK_FALSE(comparison.nothing());
  CHECK(comparison_line(comparison) ==
        "since run run-7: 1 newly failing, 1 new and failing, 1 fixed, 1 still failing, 1 added, 1 missing");
}

TEST_CASE("the same run again is no change") {
  const RunRecord record{};
  CHECK(compare(record, "run-7", {}).nothing());
  CHECK(comparison_line(compare(record, "run-7", {})) == "since run run-7: no difference");
}

TEST_CASE("failures of the machine are told from failures of the test") {
  const auto cause = [](const std::string& message, Outcome outcome = Outcome::failed) {
    Attempt attempt;
    attempt.outcome = outcome;
    attempt.message = message;
    return infrastructure_cause(attempt);
  };
  CHECK(cause("RuntimeError: [enforce fail] DefaultCPUAllocator: can't allocate memory: 9 bytes") == "memory");
  CHECK(cause("MemoryError", Outcome::error) == "memory");
  CHECK(cause("OSError: [Errno 28] No space left on device") == "disk");
  CHECK(cause("urllib.error.URLError: <urlopen error [Errno -3]>") == "network");
  CHECK(cause("ModuleNotFoundError: No module named 'torch'") == "torch");
  CHECK(cause("AssertionError: memory format differs").empty());
  CHECK(cause("MemoryError", Outcome::skipped).empty());
  CHECK(cause("").empty());
}
