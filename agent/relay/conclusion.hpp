// SPDX-License-Identifier: Apache-2.0
// Derives the report to the relay from the records of a run.
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
  std::string verdict;                   // why there is neither success nor failure; else empty
  std::string started_at, completed_at;  // RFC 3339; empty: unknown
  std::string environment;               // the common stack key of all records; empty: unknown, or they differ
};

// Conclude the records of one job: of a run, or of all its shards. Pure. The rules, in this order:
// - the run was stopped from outside, or its agent was killed: cancelled;
// - some cases could not be run for a reason other than the budget: timed_out when a time limit of the run or of a
//   batch was the reason, else cancelled; additional failures do not make it `failure`, but their details are reported;
// - a test failed: failure;
// - some cases are over the budget: timed_out;
// - there are no cases: cancelled, because an empty run must not be green;
// - else success. Expected failures count as passed, and so do unexpected passes.
// Error: usage (no record, the same run twice, runs of different revisions).
Result<Report> conclude(const std::vector<results::RunRecord>& records);

// Copy a report into a completed callback. Unknown times are left unchanged.
void tell(Report report, Callback& callback);

// Conclude a run that ended with an error before it had a record.
Report conclude(const Error& error);

}  // namespace spyre::relay
