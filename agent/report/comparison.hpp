// SPDX-License-Identifier: Apache-2.0
// The comparison of a run with an earlier one.
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
  std::vector<std::string> newly_failing;    // ids, sorted: failed in this run only
  std::vector<std::string> failing_and_new;  // failed in this run, missing in the earlier one
  std::vector<std::string> still_failing;
  std::vector<std::string> fixed;  // failed in the earlier run, passed in this one
  std::size_t added = 0;           // cases only in this run
  std::size_t missing = 0;         // cases only in the earlier run
  std::vector<results::StackChange> stack_changes;

  bool nothing() const;
};

Comparison compare(const results::RunRecord& record, const std::string& earlier_id, const Outcomes& earlier);

// Return one line for people: "since run 7: 3 newly failing, 2 fixed, 12 still failing".
std::string comparison_line(const Comparison& comparison);

}  // namespace spyre::report
