// SPDX-License-Identifier: Apache-2.0
// RUN_DIR/junit, the input of Jenkins' junit step: one small document for each test file of a shard.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"
#include "agent/results/record.hpp"

namespace spyre::junit {

class Directory {
 public:
  // Open RUN_DIR/junit, and create it if it is missing. Documents of an earlier run of this function stay until their
  // test file is written again. Documents that are not of a single test file, as older versions wrote them, are
  // removed. With `tags`, cases have the tags of their test as properties. Error: io.
  static Result<Directory> open(const std::filesystem::path& run_dir, bool tags);

  // Write all cases of one test file: shard-<card>-<test file>.xml for each card that ran the last attempt of a case.
  // The card is "none" for cases that did not run on a card. "+2" and so on is added before the extension when a
  // document would exceed the size that Jenkins handles well. Older documents of this test file are removed. Every case
  // has an attempt. Each document is written atomically, but not synced: it can be made again from the journal. `run`
  // has the start time and the tags. Error: io.
  Result<void> write(std::string_view test_file, const std::vector<const results::CaseResult*>& cases,
                     const results::RunRecord& run);

  // Remove the documents of test files that were not written since `open`. Error: io.
  Result<void> remove_others();
  // Return the documents written since `open`, sorted.
  std::vector<std::filesystem::path> written() const;

 private:
  Directory(std::filesystem::path directory, bool tags) : m_directory(std::move(directory)), m_tags(tags) {}
  Result<void> remove(const std::set<std::string>& names) const;

  std::filesystem::path m_directory;
  bool m_tags;
  std::map<std::string, std::set<std::string>, std::less<>> m_found;  // encoded test file name → documents
  std::map<std::string, std::set<std::string>, std::less<>> m_written;
};

// Write RUN_DIR/junit from a record, and remove all other documents there. Return the documents, sorted. Error: io.
Result<std::vector<std::filesystem::path>> write_files(const results::RunRecord& record,
                                                       const std::filesystem::path& run_dir, bool tags = false);

}  // namespace spyre::junit
