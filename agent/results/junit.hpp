// SPDX-License-Identifier: Apache-2.0
// JUnit XML: read what test runners write, write what Jenkins reads.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"
#include "agent/results/record.hpp"

namespace spyre::results {

struct JunitCase {
  std::string file, classname, name;
  Outcome outcome = Outcome::passed;
  double time_s = 0;
  int reruns = 0;
  std::string message, details;
};

// All cases of a JUnit file, nested suites included; suite totals are not trusted and not read.
// Error: invalid ("<origin>: …", with the byte offset), for empty and truncated files too.
Result<std::vector<JunitCase>> parse_junit(std::string_view text, std::string_view origin);

struct JunitOptions {
  std::string suite = "pytorch";
  std::size_t text_limit = 16 * 1024;   // most bytes of a failure's text: Jenkins never cuts it
  std::size_t output_limit = 4 * 1024;  // of system-out
};

// One well-formed document with right counts, as Jenkins' junit step reads it.
std::string format_junit(const std::vector<const CaseResult*>& cases, const std::string& timestamp,
                         const JunitOptions& options);

// RUN_DIR/junit/shard-<card>.xml, one a card, made from the record. Returns the files. Error: io.
Result<std::vector<std::filesystem::path>> write_junit_files(const RunRecord& record,
                                                             const std::filesystem::path& run_dir);

}  // namespace spyre::results
