// SPDX-License-Identifier: Apache-2.0
// What `spyre-ci history …` prints for people. Each ends with a line end; what there is nothing of is said.
#pragma once

#include <string>
#include <vector>

#include "agent/history/store.hpp"
#include "agent/history/trend.hpp"
#include "agent/report/terminal.hpp"

namespace spyre::report {

// What durations are summed up by.
enum class DurationLevel { file, klass, test, test_case };
// "file", "class", "test", "case". Error: usage.
Result<DurationLevel> parse_duration_level(std::string_view text);

struct DurationRow {
  std::string name;
  double seconds = 0;  // of a file: with its import
  std::size_t cases = 0;
};
// Longest first.
std::vector<DurationRow> duration_rows(const history::KnownDurations& known, DurationLevel level);

std::string format_durations(const std::vector<DurationRow>& rows, std::size_t limit);
std::string format_flakiness(const history::Flakiness& flakiness, std::size_t limit);
std::string format_trend(const std::vector<history::TrendPoint>& points);
std::string format_case_histories(const std::vector<history::CaseHistory>& histories);

}  // namespace spyre::report
