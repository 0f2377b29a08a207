// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "agent/core/files.hpp"
#include "agent/core/text.hpp"
#include "agent/results/junit.hpp"
#include "agent/results/junit_document.hpp"

namespace spyre::results {
namespace fs = std::filesystem;
namespace {

// The files of one shard: more than one when a file would be more than Jenkins takes well.
struct ShardFile {
  std::string name, text;
};

std::vector<ShardFile> format_shard(const std::string& shard, const std::vector<const CaseResult*>& cases,
                                    const std::string& timestamp, const JunitOptions& defaults) {
  std::vector<ShardFile> files;
  auto next = cases.begin();
  while (next != cases.end()) {
    const std::string part = files.empty() ? shard : fmt::format("{}-{}", shard, files.size() + 1);
    JunitOptions options = defaults;
    // Jenkins takes two suites of one name and time for the same report, given twice.
    options.suite = fmt::format("{}.{}", options.suite, part);
    JunitSuiteWriter suite(options);
    while (next != cases.end() && suite.size() < options.file_limit) suite.add(**next++);
    files.push_back({fmt::format("{}.xml", part), junit_document(suite.counts(), suite.finish(timestamp))});
  }
  return files;
}

Result<void> remove_others(const fs::path& folder, const std::set<std::string>& kept) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string file = entry.path().filename().string();
    if (glob_match("shard-*.xml", file) && !kept.contains(file)) fs::remove(entry.path(), error);
  }
  if (error) return fail(ErrorKind::io, fmt::format("cannot tidy {}: {}", folder.string(), error.message()));
  return {};
}

}  // namespace

std::string format_junit(const std::vector<const CaseResult*>& cases, const std::string& timestamp,
                         const JunitOptions& options) {
  JunitSuiteWriter suite(options);
  for (const CaseResult* each : cases) suite.add(*each);
  return junit_document(suite.counts(), suite.finish(timestamp));
}

Result<std::vector<fs::path>> write_junit_files(const RunRecord& record, const fs::path& run_dir, bool tags) {
  JunitOptions options;
  if (tags) options.tags = &record.tags;
  std::map<std::string, std::vector<const CaseResult*>> shards;
  for (const CaseResult& each : record.cases) {
    const int card = each.attempts.empty() ? -1 : each.attempts.back().card;
    shards[card < 0 ? "shard-none" : fmt::format("shard-{}", card)].push_back(&each);
  }
  const fs::path folder = run_dir / "junit";
  CHECK_OK(make_folders(folder));
  std::set<std::string> written;
  std::vector<fs::path> paths;
  for (const auto& [shard, cases] : shards) {
    for (const ShardFile& file : format_shard(shard, cases, record.started, options)) {
      CHECK_OK(write_file(folder / file.name, file.text));
      written.insert(file.name);
      paths.push_back(folder / file.name);
    }
  }
  CHECK_OK(remove_others(folder, written));
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace spyre::results
