// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "agent/junit/junit.hpp"
#include "tests/support/catch.hpp"

namespace spyre::junit {

// A case with what keeps its texts.
struct KeptCase : Case {
  explicit KeptCase(Cases cases) : Case(cases[0]), kept(std::move(cases)) {}
  Cases kept;
};

inline KeptCase only_case_of(Result<Report> report) {
  REQUIRE(report);
  CHECK(report->losses.empty());
  REQUIRE(report->cases.size() == 1);
  return KeptCase(std::move(report->cases));
}

}  // namespace spyre::junit
