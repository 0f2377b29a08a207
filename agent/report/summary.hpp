// SPDX-License-Identifier: Apache-2.0
// The result of a run, as text for a terminal.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "agent/report/comparison.hpp"
#include "agent/report/terminal.hpp"
#include "agent/results/record.hpp"

namespace spyre::report {

struct SummaryOptions {
  Style style;
  std::string rerun;                     // the command that runs only the failures again; empty: the section is omitted
  std::optional<Comparison> comparison;  // with an earlier run
  std::vector<std::string> files;        // other files to read: report.html, …
  std::size_t groups = 20;               // maximum number of failure groups
  std::size_t examples = 3;              // maximum number of cases of a group
  std::size_t slowest = 5;
};

// Format the summary: totals, failures by cause, not_run cases and their reasons, machine failures, flaky and slow
// cases, the command that runs only the failures again, and files to read. Pure: the same record gives the same text.
std::string format_summary(const results::RunRecord& record, const SummaryOptions& options);

// Return the totals in one line: "1034 cases: 1000 passed, 10 failed, 24 skipped".
std::string totals_line(const results::RunRecord& record);
// Return "incomplete: 12 of 340 over the budget"; empty when no case is.
std::string incomplete_line(const results::RunRecord& record);
// Return the units (tests as written) with a failed case, sorted and unique: the tests to run again.
std::vector<std::string> failed_units(const results::RunRecord& record);

}  // namespace spyre::report
