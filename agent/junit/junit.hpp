// SPDX-License-Identifier: Apache-2.0
// JUnit XML: read what test runners write, write what Jenkins reads.
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
  std::vector<std::string> losses;  // what could not be read ("<origin>: cut off at byte 812 …"); empty: all was read
};

// Suite totals are not trusted and not read. Of a damaged file what can be saved is saved, and the loss is told.
// Error: invalid ("<origin>: …") when nothing could be saved: an empty text, or one that is not JUnit XML.
Result<Report> parse_report(std::string_view text, std::string_view origin);
// Error: not_found, io, and as above.
Result<Report> read_report(const std::filesystem::path& path);

using Sink = std::function<void(const Case&)>;
// Gives the cases of a file to `sink` one by one, so that a file of any size needs the memory of its largest case
// alone; the texts of a case are valid until `sink` returns. Returns the losses. Errors as above.
Result<std::vector<std::string>> for_each_case(const std::filesystem::path& path, const Sink& sink);

struct Options {
  std::string suite = "pytorch";
  std::size_t text_limit = 16 * 1024;   // most bytes of a failure's text: Jenkins never cuts it
  std::size_t output_limit = 4 * 1024;  // of system-out
  std::size_t file_limit = 8 << 20;     // bytes after which another file is begun
  // Tags of tests, which their cases have as properties; nullptr: none. Outlives the writing.
  const std::map<std::string, std::vector<std::string>>* tags = nullptr;
};

}  // namespace spyre::junit
