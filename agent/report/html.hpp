// SPDX-License-Identifier: Apache-2.0
// report.html: one self-contained file. It is readable without scripts, and where a server forbids inline styles (as
// Jenkins does for artifacts). With scripts it also has a search over all cases.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>

#include "agent/core/result.hpp"
#include "agent/history/case_history.hpp"
#include "agent/report/comparison.hpp"
#include "agent/results/record.hpp"

namespace spyre::report {

struct HtmlOptions {
  std::string build_url;                                            // page of the build that this run belongs to
  std::optional<results::Stack> stack;                              // the environment of the tests
  std::string rerun;                                                // as SummaryOptions::rerun
  std::optional<Comparison> comparison;                             // with an earlier run
  std::unordered_map<std::string, history::CaseHistory> histories;  // by case id: a small plot next to each failure
  std::size_t details_limit = 16 * 1024;      // maximum bytes of one attempt's traceback, and of its output
  std::size_t total_limit = 6 * 1024 * 1024;  // maximum bytes of all of them; beyond it only messages are shown
  std::size_t cases_a_group = 500;            // maximum cases listed in a group
  std::size_t slowest = 25;
};

// Format the page. The same record gives the same bytes.
std::string format_html(const results::RunRecord& record, const HtmlOptions& options);

// Write RUN_DIR/report.html and return its path. Error: io.
Result<std::filesystem::path> write_html(const results::RunRecord& record, const std::filesystem::path& run_dir,
                                         const HtmlOptions& options);

}  // namespace spyre::report
