// SPDX-License-Identifier: Apache-2.0
// report.html: one file that needs nothing beside it. It is readable with scripts disabled, and even where a server
// forbids styles within the page (as Jenkins does for artifacts).
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "agent/core/result.hpp"
#include "agent/results/record.hpp"

namespace spyre::report {

struct HtmlOptions {
  std::string rerun;                           // as SummaryOptions::rerun
  std::size_t details_limit = 16 * 1024;       // most bytes of one attempt's traceback, and of its output
  std::size_t total_limit = 10 * 1024 * 1024;  // most bytes of all of them together: then only messages are shown
  std::size_t cases_a_group = 500;             // most failed cases that are listed in a group
  std::size_t slowest = 25;
};

// The same record gives the same bytes.
std::string format_html(const results::RunRecord& record, const HtmlOptions& options);

// Writes RUN_DIR/report.html and returns its path. Error: io.
Result<std::filesystem::path> write_html(const results::RunRecord& record, const std::filesystem::path& run_dir,
                                         const HtmlOptions& options);

}  // namespace spyre::report
