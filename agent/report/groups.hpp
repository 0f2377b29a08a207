// SPDX-License-Identifier: Apache-2.0
// The cases of a run that people want to see: failures put together by what seems to be their cause, so that one cause
// is one line however many cases it hits; what was not run; flaky and slow ones.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/results/record.hpp"

namespace spyre::report {

struct FailureGroup {
  std::string message;         // as the first of the cases says it
  std::string where;           // innermost frame of the tests' or the backend's own code, "file:line"; may be empty
  std::string infrastructure;  // what of the machine seems to have caused it (results::FailureKind); empty: nothing
  std::vector<const results::CaseResult*> cases;  // by id
};

// All failures of the record, the largest group first; groups of the same size by message. The record must outlive
// them.
std::vector<FailureGroup> group_failures(const results::RunRecord& record);

// Cases by the message of their last attempt, the largest group first: for skips and what was not run.
struct MessageGroup {
  std::string message;
  std::vector<const results::CaseResult*> cases;
};
std::vector<MessageGroup> group_by_message(const results::RunRecord& record, results::Outcome outcome);

// Cases that passed only when tried again, by id.
std::vector<const results::CaseResult*> flaky_cases(const results::RunRecord& record);
// The cases that took longest, of those that took at least `least_s`; at most `count`.
std::vector<const results::CaseResult*> slowest_cases(const results::RunRecord& record, std::size_t count,
                                                      double least_s);

}  // namespace spyre::report
