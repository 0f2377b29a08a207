// SPDX-License-Identifier: Apache-2.0
// The text output of `spyre-ci history …`. Each text ends with a line end; an empty result has a text, too.
#pragma once

#include <string>
#include <vector>

#include "agent/history/store.hpp"
#include "agent/history/trend.hpp"
#include "agent/report/terminal.hpp"

namespace spyre::report {

// The level at which durations are summed.
enum class DurationLevel { file, klass, test, test_case };
// Parse "file", "class", "test" or "case". Error: usage.
Result<DurationLevel> parse_duration_level(std::string_view text);

struct DurationRow {
  std::string name;
  double seconds = 0;  // of a file: including its import
  std::size_t cases = 0;
};
// Return the rows, longest first.
std::vector<DurationRow> duration_rows(const history::KnownDurations& known, DurationLevel level);

std::string format_durations(const std::vector<DurationRow>& rows, std::size_t limit);
std::string format_flakiness(const history::Flakiness& flakiness, std::size_t limit);
std::string format_trend(const std::vector<history::TrendPoint>& points);
std::string format_case_histories(const std::vector<history::CaseHistory>& histories);

}  // namespace spyre::report
