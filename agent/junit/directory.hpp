// SPDX-License-Identifier: Apache-2.0
// RUN_DIR/junit: what Jenkins' junit step reads, one small document for each test file of a shard.
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
  // Makes RUN_DIR/junit when it is missing. What an earlier writing left stays until its test file is written again;
  // documents that are not of one test file, as older programs made them, are removed. With `tags`, cases have those
  // of their test as properties. Error: io.
  static Result<Directory> open(const std::filesystem::path& run_dir, bool tags);

  // Writes all cases of one test file: shard-<card>-<test file>.xml for each card that ran the last attempt of one,
  // with "none" for what came to no card, and "+2" and so on before the extension where a document would be more than
  // Jenkins takes well. Documents that an earlier writing made of this test file beyond that are removed. Every case
  // has an attempt. Each document is there as a whole or not at all, but the disk is not waited for: they can be made
  // again from the journal. `run` says when it was started, and the tags. Error: io.
  Result<void> write(std::string_view test_file, const std::vector<const results::CaseResult*>& cases,
                     const results::RunRecord& run);

  // Removes the documents of test files that were not written since `open`. Error: io.
  Result<void> remove_others();
  // Those that were written since `open`, sorted.
  std::vector<std::filesystem::path> written() const;

 private:
  Directory(std::filesystem::path directory, bool tags) : m_directory(std::move(directory)), m_tags(tags) {}
  Result<void> remove(const std::set<std::string>& names) const;

  std::filesystem::path m_directory;
  bool m_tags;
  std::map<std::string, std::set<std::string>, std::less<>> m_found;  // test file, as documents are called → documents
  std::map<std::string, std::set<std::string>, std::less<>> m_written;
};

// Makes RUN_DIR/junit of a record, and leaves nothing there of an earlier writing. Returns the documents, sorted.
// Error: io.
Result<std::vector<std::filesystem::path>> write_files(const results::RunRecord& record,
                                                       const std::filesystem::path& run_dir, bool tags = false);

}  // namespace spyre::junit
