// SPDX-License-Identifier: Apache-2.0
// A run's result for people at a terminal.
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
  std::string rerun;  // the command that runs just the failures again; empty: the section is left out
  std::optional<Comparison> comparison;  // with an earlier run
  std::vector<std::string> files;        // what else there is to read: report.html, …
  std::size_t groups = 20;               // most groups of failures
  std::size_t examples = 3;              // most cases of a group
  std::size_t slowest = 5;
};

// Totals, failures by cause, what was not run and why, trouble with the machine, flaky and slow cases, the command that
// runs just the failures again, and where to read on. Pure: the same record gives the same text.
std::string format_summary(const results::RunRecord& record, const SummaryOptions& options);

// "1034 cases: 1000 passed, 10 failed, 24 skipped".
std::string totals_line(const results::RunRecord& record);
// "incomplete: 12 of 340 over the budget"; empty when none is.
std::string incomplete_line(const results::RunRecord& record);
// The tests as written that have a failed case, sorted, each once: what has to run again.
std::vector<std::string> failed_units(const results::RunRecord& record);

}  // namespace spyre::report
