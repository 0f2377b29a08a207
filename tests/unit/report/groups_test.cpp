// SPDX-License-Identifier: Apache-2.0
#include "agent/report/groups.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/report/records.hpp"

using namespace spyre::report;
using spyre::results::Outcome;
using spyre::results::RunRecord;

TEST_CASE("failures with one cause are one group, the largest first") {
  const RunRecord record = a_run();
  const auto groups = group_failures(record);
  REQUIRE(groups.size() == 3);
  CHECK(groups[0].cases.size() == 5);
  CHECK(groups[0].message == "AssertionError: Tensor-likes are not close! 0 of 100");
  CHECK(groups[0].cases[4]->id == "test/test_a.py::TCPU::test_close_4_cpu");
  CHECK(groups[1].message == "SIGSEGV");
  CHECK(groups[1].where == "/src/torch_spyre/ops.py:7");
  CHECK(groups[2].message == "no end after 10 min 00 s");
}

TEST_CASE("equal messages from two places of the backend are two groups") {
  RunRecord record;
  for (const char* place : {"torch_spyre/a.py:1: in f", "torch_spyre/b.py:2: in g"}) {
    record.cases.push_back(a_case(place, Outcome::failed, 0, "RuntimeError: not supported", place));
  }
  CHECK(group_failures(record).size() == 2);
}

TEST_CASE("equal messages from two tests are one group, unless they are unspecific") {
  RunRecord clear, bare;
  for (const char* place : {"test/test_a.py:1: E", "test/test_a.py:2: E"}) {
    clear.cases.push_back(a_case(place, Outcome::failed, 0, "RuntimeError: not supported", place));
    bare.cases.push_back(a_case(place, Outcome::failed, 0, "AssertionError", place));
  }
  CHECK(group_failures(clear).size() == 1);
  CHECK(group_failures(bare).size() == 2);
}

TEST_CASE("reasons of not_run cases, and the slowest cases") {
  const RunRecord record = a_run();
  const auto not_run = group_by_message(record, Outcome::not_run);
  REQUIRE(not_run.size() == 1);
  CHECK(not_run[0].message == "the run was stopped");
  CHECK(group_by_message(record, Outcome::error).empty());
  const auto slowest = slowest_cases(record, 2, 1);
  REQUIRE(slowest.size() == 2);
  CHECK(slowest[0]->id.find("test_hang") != std::string::npos);
  CHECK(slowest_cases(record, 100, 1).size() == 3);
  REQUIRE(flaky_cases(record).size() == 1);
}

TEST_CASE("cases that are still waiting are ignored") {
  RunRecord record;
  record.cases.emplace_back();
  CHECK(group_failures(record).empty());
  CHECK(flaky_cases(record).empty());
  CHECK(slowest_cases(record, 5, 0).empty());
}
