// SPDX-License-Identifier: Apache-2.0
#include "agent/report/comparison.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/report/records.hpp"

using namespace spyre::report;
using spyre::results::Outcome;
using spyre::results::RunRecord;

TEST_CASE("the comparison with an earlier run") {
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

TEST_CASE("equal runs have no differences") {
  const RunRecord record{};
  CHECK(compare(record, "run-7", {}).nothing());
  CHECK(comparison_line(compare(record, "run-7", {})) == "since run run-7: no difference");
}
