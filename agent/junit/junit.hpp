// SPDX-License-Identifier: Apache-2.0
// JUnit XML: reads what test runners write, writes what Jenkins reads.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"
#include "agent/junit/cases.hpp"

namespace spyre::junit {

struct Report {
  Cases cases;                      // in the order of the file, nested suites included
  std::vector<std::string> losses;  // what could not be read ("<origin>: cut off at byte 812 …"); empty if complete
};

// Read a report. Totals of suites are ignored, because they are unreliable. A damaged file is read as far as possible,
// and each loss is reported. Error: invalid ("<origin>: …") when no case could be read: an empty text, or a text that
// is not JUnit XML.
Result<Report> parse_report(std::string_view text, std::string_view origin);
// Read a report from a file. Error: not_found, io, and as above.
Result<Report> read_report(const std::filesystem::path& path);

using Sink = std::function<void(const Case&)>;
// Pass the cases of a file to `sink` one by one, so that the memory needed depends only on the largest case. The texts
// of a case are valid until `sink` returns. Return the losses. Error: as above.
Result<std::vector<std::string>> for_each_case(const std::filesystem::path& path, const Sink& sink);

struct Options {
  std::string suite = "pytorch";
  std::size_t text_limit = 16 * 1024;   // maximum bytes of a failure's text: Jenkins never cuts it
  std::size_t output_limit = 4 * 1024;  // maximum bytes of system-out
  std::size_t file_limit = 8 << 20;     // bytes after which a new file is started
  // Tags of tests, written as properties of their cases; nullptr: none. Must outlive the writer.
  const std::map<std::string, std::vector<std::string>>* tags = nullptr;
};

}  // namespace spyre::junit
