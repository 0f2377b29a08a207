// SPDX-License-Identifier: Apache-2.0
// This run against an earlier one.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/results/record.hpp"

namespace spyre::report {

using Outcomes = std::unordered_map<std::string, results::Outcome>;  // by case id

struct Comparison {
  std::string run_id;                        // of the earlier run
  std::vector<std::string> newly_failing;    // ids, sorted: failed now, did not fail then
  std::vector<std::string> failing_and_new;  // failed now, was not there then
  std::vector<std::string> still_failing;
  std::vector<std::string> fixed;  // failed then, passed now
  std::size_t added = 0;           // cases that are there now only
  std::size_t missing = 0;         // cases that were there then only
  std::vector<results::StackChange> stack_changes;

  bool nothing() const;
};

Comparison compare(const results::RunRecord& record, const std::string& earlier_id, const Outcomes& earlier);

// "since run 7: 3 newly failing, 2 fixed, 12 still failing".
std::string comparison_line(const Comparison& comparison);

}  // namespace spyre::report
