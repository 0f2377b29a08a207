// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "agent/results/junit.hpp"
#include "tests/support/catch.hpp"

namespace spyre::results {

// A case with what keeps its texts.
struct KeptCase : JunitCase {
  explicit KeptCase(JunitCases cases) : JunitCase(cases[0]), kept(std::move(cases)) {}
  JunitCases kept;
};

inline KeptCase only_case_of(Result<JunitReport> report) {
  REQUIRE(report);
  CHECK(report->losses.empty());
  REQUIRE(report->cases.size() == 1);
  return KeptCase(std::move(report->cases));
}

}  // namespace spyre::results
