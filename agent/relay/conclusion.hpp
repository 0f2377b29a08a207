// SPDX-License-Identifier: Apache-2.0
// From what became of a run to what the relay is told.
#pragma once

#include <string>
#include <vector>

#include "agent/core/result.hpp"
#include "agent/relay/callback.hpp"
#include "agent/results/record.hpp"

namespace spyre::relay {

struct Report {
  Conclusion conclusion = Conclusion::cancelled;
  TestResults test_results;
  std::vector<FailedTest> failed_tests;  // by id
  std::string verdict;                   // why there is neither success nor failure; empty otherwise
  std::string started_at, completed_at;  // RFC 3339; empty: not known
  std::string environment;               // the stack key of all records; empty: unknown, or not the same
};

// The records of one job: of a run, or of all its shards. Pure. In this order:
// - a run that was stopped from outside, or whose agent was killed: cancelled;
// - something could not be run: timed_out when a time limit of the run or of a batch was the reason, else cancelled; a
//   failure besides does not make it `failure`, but its details are told. Not so when it was only over the budget:
// - a failed test: failure;
// - something is over the budget: timed_out;
// - not one case: cancelled, for nothing is never green;
// - else success. What was expected to fail and did counts as passed, and so does what passed unexpectedly.
// Error: usage (no record, the same run twice, runs of different revisions).
Result<Report> conclude(const std::vector<results::RunRecord>& records);

// Puts a report into a completed callback; times that are not known are left as they are.
void tell(Report report, Callback& callback);

// Of a run that ended with an error before it had a record.
Report conclude(const Error& error);

}  // namespace spyre::relay
