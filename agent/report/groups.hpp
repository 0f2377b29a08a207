// SPDX-License-Identifier: Apache-2.0
// The cases to show to people: failures grouped by their apparent cause, cases that were not run, flaky and slow ones.
// One cause is one line regardless of how many cases it hits.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/results/record.hpp"

namespace spyre::report {

struct FailureGroup {
  std::string message;         // of the first case
  std::string where;           // innermost frame of the tests' or the backend's own code, "file:line"; may be empty
  std::string infrastructure;  // the apparent machine failure (results::FailureKind); empty: none
  std::vector<const results::CaseResult*> cases;  // by id
};

// Return the groups of all failures, the largest first; groups of equal size by message. The record must outlive them.
std::vector<FailureGroup> group_failures(const results::RunRecord& record);

// Cases grouped by the message of their last attempt, the largest group first; for skipped and not_run cases.
struct MessageGroup {
  std::string message;
  std::vector<const results::CaseResult*> cases;
};
std::vector<MessageGroup> group_by_message(const results::RunRecord& record, results::Outcome outcome);

// Return the cases that passed only after another attempt, by id.
std::vector<const results::CaseResult*> flaky_cases(const results::RunRecord& record);
// Return the slowest cases that took at least `least_s` seconds; at most `count`.
std::vector<const results::CaseResult*> slowest_cases(const results::RunRecord& record, std::size_t count,
                                                      double least_s);

}  // namespace spyre::report
