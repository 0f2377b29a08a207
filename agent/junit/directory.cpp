// SPDX-License-Identifier: Apache-2.0
#include "agent/junit/directory.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "agent/core/files.hpp"
#include "agent/core/hash.hpp"
#include "agent/core/text.hpp"
#include "agent/junit/document.hpp"
#include "agent/junit/junit.hpp"
#include "agent/results/case_id.hpp"

namespace spyre::junit {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view prefix = "shard-", extension = ".xml";
constexpr std::size_t longest_stem = 150;  // bytes; file systems allow 255

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

// Return the name of a test file in documents: "test.nn.test_pooling". It is unique for each test file; an unusual path
// keeps as much of its name as possible.
std::string document_name(std::string_view test_file) {
  std::string name = results::module_name(test_file);
  const bool is_ours = test_file.ends_with(".py") && std::ranges::count(test_file, '.') == 1 &&
                       std::ranges::all_of(name, is_plain) && name.size() <= longest_stem;
  if (is_ours) return name;
  name.resize(std::min(name.size(), longest_stem));
  std::ranges::replace_if(
      name, [](char c) { return !is_plain(c); }, '_');
  return fmt::format("{}-{}", name, hex(stable_hash(test_file)));
}

// Return the test file's name in "shard-<card>-<name>[+<number>].xml"; empty for other files.
std::optional<std::string_view> name_in(std::string_view document) {
  if (!document.starts_with(prefix) || !document.ends_with(extension)) return std::nullopt;
  document.remove_prefix(prefix.size());
  document.remove_suffix(extension.size());
  const std::size_t dash = document.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  return document.substr(dash + 1, document.rfind('+') - dash - 1);
}

std::string shard_of(const results::CaseResult& result) {
  const int card = result.attempts.back().card;
  return card < 0 ? "none" : std::to_string(card);
}

Error not_tidied(const fs::path& directory, const std::error_code& error) {
  return {ErrorKind::io, fmt::format("cannot clean up {}: {}", directory.string(), error.message()), {}};
}

}  // namespace

Result<Directory> Directory::open(const fs::path& run_dir, bool tags) {
  Directory directory(run_dir / "junit", tags);
  CHECK_OK(make_directories(directory.m_directory));
  std::error_code error;
  std::set<std::string> old;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory.m_directory, error)) {
    const std::string document = entry.path().filename().string();
    if (const auto name = name_in(document)) {
      directory.m_found[std::string(*name)].insert(document);
    } else if (glob_match("shard-*.xml", document)) {
      old.insert(document);
    }
  }
  if (error) return tl::make_unexpected(not_tidied(directory.m_directory, error));
  CHECK_OK(directory.remove(old));
  return directory;
}

Result<void> Directory::write(std::string_view test_file, const std::vector<const results::CaseResult*>& cases,
                              const results::RunRecord& run) {
  const std::string name = document_name(test_file);
  std::map<std::string, std::vector<const results::CaseResult*>> shards;
  for (const results::CaseResult* each : cases) shards[shard_of(*each)].push_back(each);
  std::set<std::string> documents;
  for (const auto& [shard, of_shard] : shards) {
    auto next = of_shard.begin();
    for (int number = 1; next != of_shard.end(); ++number) {
      std::string part = fmt::format("{}{}-{}", prefix, shard, name);
      if (number > 1) part += fmt::format("+{}", number);
      Options options;
      if (m_tags) options.tags = &run.tags;
      // Jenkins drops a suite with the same name and time as another one, as a report given twice.
      options.suite = fmt::format("{}.{}", options.suite, part);
      SuiteWriter suite(options);
      while (next != of_shard.end() && suite.size() < options.file_limit) suite.add(**next++);
      std::string document = fmt::format("{}{}", part, extension);
      CHECK_OK(replace_file(m_directory / document, format_document(suite.counts(), suite.finish(run.started))));
      documents.insert(std::move(document));
    }
  }
  std::set<std::string>& found = m_found[name];
  std::set<std::string> stale;
  std::ranges::set_difference(found, documents, std::inserter(stale, stale.end()));
  CHECK_OK(remove(stale));
  found = m_written[name] = std::move(documents);
  return {};
}

Result<void> Directory::remove(const std::set<std::string>& names) const {
  std::error_code error;
  for (const std::string& name : names) {
    fs::remove(m_directory / name, error);
    if (error) return tl::make_unexpected(not_tidied(m_directory, error));
  }
  return {};
}

Result<void> Directory::remove_others() {
  for (const auto& [name, documents] : m_found) {
    if (!m_written.contains(name)) CHECK_OK(remove(documents));
  }
  m_found = m_written;
  return {};
}

std::vector<fs::path> Directory::written() const {
  std::vector<fs::path> paths;
  for (const auto& [name, documents] : m_written) {
    for (const std::string& document : documents) paths.push_back(m_directory / document);
  }
  std::ranges::sort(paths);
  return paths;
}

Result<std::vector<fs::path>> write_files(const results::RunRecord& record, const fs::path& run_dir, bool tags) {
  TRY(Directory directory, Directory::open(run_dir, tags));
  for (const auto& [file, cases] : results::cases_by_file(record)) CHECK_OK(directory.write(file, cases, record));
  CHECK_OK(directory.remove_others());
  return directory.written();
}

}  // namespace spyre::junit
