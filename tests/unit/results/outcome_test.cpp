// SPDX-License-Identifier: Apache-2.0
#include "agent/results/outcome.hpp"

#include "tests/support/catch.hpp"

using namespace spyre::results;

namespace {

CaseResult case_with(std::vector<Outcome> outcomes) {
  CaseResult result;
  for (const Outcome outcome : outcomes) {
    result.attempts.emplace_back();
    result.attempts.back().outcome = outcome;
  }
  return result;
}

}  // namespace

TEST_CASE("every outcome has a name, which is parsed back") {
  for (std::size_t i = 0; i < outcome_count; ++i) {
    const auto outcome = static_cast<Outcome>(i);
    CHECK(parse_outcome(name(outcome)) == outcome);
  }
  CHECK_FALSE(parse_outcome("Passed"));
  CHECK_FALSE(parse_outcome(""));
}

TEST_CASE("the last attempt decides") {
  CHECK(case_with({Outcome::failed, Outcome::passed}).outcome() == Outcome::passed);
  CHECK(case_with({Outcome::crashed, Outcome::skipped}).outcome() == Outcome::skipped);
  CHECK(case_with({}).outcome() == Outcome::not_run);
}

TEST_CASE("flaky is a pass that needed more than one attempt") {
  CHECK(case_with({Outcome::failed, Outcome::passed}).flaky());
  CHECK(case_with({Outcome::timed_out, Outcome::crashed, Outcome::passed}).flaky());
  CHECK_FALSE(case_with({Outcome::passed}).flaky());
  CHECK_FALSE(case_with({Outcome::failed, Outcome::failed}).flaky());
  CHECK_FALSE(case_with({Outcome::failed, Outcome::skipped}).flaky());
  CHECK_FALSE(case_with({Outcome::skipped, Outcome::passed}).flaky());
}
