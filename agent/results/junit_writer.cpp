// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "agent/core/files.hpp"
#include "agent/core/text.hpp"
#include "agent/results/case_id.hpp"
#include "agent/results/junit.hpp"
#include "agent/results/xml_text.hpp"

namespace spyre::results {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t message_limit = 2000;

// Failures are assertions that do not hold; all else that went wrong is an error.
bool is_junit_error(Outcome outcome) {
  return outcome == Outcome::error || outcome == Outcome::crashed || outcome == Outcome::timed_out ||
         outcome == Outcome::not_run;
}

// A document under construction.
class Document {
 public:
  explicit Document(const JunitOptions& options) : m_options(options) {}

  void add(const CaseResult& result);
  std::string finish(const std::string& timestamp) const;
  std::size_t size() const { return m_body.size(); }

 private:
  void attribute(std::string_view name, std::string_view value);
  void text_element(std::string_view name, std::string_view text);
  void verdict(std::string_view element, std::string_view type, const Attempt& attempt);
  void last_attempt(const Attempt& attempt);
  void earlier_attempt(const Attempt& attempt, bool passed_in_the_end);

  const JunitOptions& m_options;
  std::string m_body;
  std::size_t m_tests = 0, m_failures = 0, m_errors = 0, m_skipped = 0;
  double m_time_s = 0;
};

void Document::attribute(std::string_view name, std::string_view value) {
  m_body += fmt::format(" {}=\"", name);
  append_escaped(m_body, value);
  m_body += '"';
}

void Document::text_element(std::string_view name, std::string_view text) {
  if (text.empty()) return;
  m_body += fmt::format("<{}>", name);
  append_escaped(m_body, text);
  m_body += fmt::format("</{}>", name);
}

void Document::verdict(std::string_view element, std::string_view type, const Attempt& attempt) {
  m_body += fmt::format("<{}", element);
  if (!type.empty()) attribute("type", type);
  attribute("message", shorten(attempt.message, message_limit));
  m_body += '>';
  append_escaped(m_body, head_and_tail(attempt.details, m_options.text_limit));
  m_body += fmt::format("</{}>", element);
}

void Document::last_attempt(const Attempt& attempt) {
  const Outcome outcome = attempt.outcome;
  if (outcome == Outcome::failed) {
    ++m_failures;
    verdict("failure", "failed", attempt);
  } else if (is_junit_error(outcome)) {
    ++m_errors;
    verdict("error", name(outcome), attempt);
  } else if (outcome == Outcome::skipped || outcome == Outcome::xfailed) {
    ++m_skipped;
    verdict("skipped", outcome == Outcome::xfailed ? "pytest.xfail" : "pytest.skip", attempt);
  }
}

void Document::earlier_attempt(const Attempt& attempt, bool passed_in_the_end) {
  if (!is_failure(attempt.outcome)) return;
  const std::string element =
      fmt::format("{}{}", passed_in_the_end ? "flaky" : "rerun", is_junit_error(attempt.outcome) ? "Error" : "Failure");
  m_body += fmt::format("<{}", element);
  attribute("type", name(attempt.outcome));
  attribute("message", shorten(attempt.message, message_limit));
  m_body += '>';
  text_element("stackTrace", head_and_tail(attempt.details, m_options.text_limit));
  text_element("system-out", head_and_tail(attempt.output, m_options.output_limit));
  m_body += fmt::format("</{}>", element);
}

void Document::add(const CaseResult& result) {
  static const Attempt none;
  const Attempt& last = result.attempts.empty() ? none : result.attempts.back();
  const CaseName id = split_case_id(result.id);
  std::string classname = module_name(id.file);
  if (!id.class_path.empty()) {
    for (std::size_t i = 0, end = 0; end != std::string_view::npos; i = end + 2) {
      end = id.class_path.find("::", i);
      classname += fmt::format(".{}", id.class_path.substr(i, end == std::string_view::npos ? end : end - i));
    }
  }

  m_body += "<testcase";
  attribute("classname", classname);
  attribute("name", id.name.empty() ? id.file : id.name);
  attribute("file", id.file);
  attribute("time", fmt::format("{:.3f}", last.duration_s));
  if (last.outcome == Outcome::xpassed) attribute("status", name(last.outcome));
  m_body += '>';
  last_attempt(last);
  for (std::size_t i = 0; i + 1 < result.attempts.size(); ++i) {
    earlier_attempt(result.attempts[i], last.outcome == Outcome::passed);
  }
  // Of passing cases nobody reads the output, and it is most of it.
  if (last.outcome != Outcome::passed) text_element("system-out", head_and_tail(last.output, m_options.output_limit));
  m_body += "</testcase>\n";
  ++m_tests;
  m_time_s += last.duration_s;
}

std::string Document::finish(const std::string& timestamp) const {
  const std::string counts = fmt::format(R"(tests="{}" failures="{}" errors="{}" skipped="{}" time="{:.3f}")", m_tests,
                                         m_failures, m_errors, m_skipped, m_time_s);
  std::string suite, started;
  append_escaped(suite, m_options.suite);
  append_escaped(started, timestamp);
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {}>\n<testsuite name=\"{}\" {}{}>\n{}</testsuite>\n"
      "</testsuites>\n",
      counts, suite, counts, started.empty() ? "" : fmt::format(" timestamp=\"{}\"", started), m_body);
}

// The files of one shard: more than one when a file would be more than Jenkins takes well.
struct ShardFile {
  std::string name, text;
};

std::vector<ShardFile> format_shard(const std::string& shard, const std::vector<const CaseResult*>& cases,
                                    const std::string& timestamp) {
  std::vector<ShardFile> files;
  auto next = cases.begin();
  while (next != cases.end()) {
    const std::string part = files.empty() ? shard : fmt::format("{}-{}", shard, files.size() + 1);
    JunitOptions options;
    // Jenkins takes two suites of one name and time for the same report, given twice.
    options.suite = fmt::format("{}.{}", options.suite, part);
    Document document(options);
    while (next != cases.end() && document.size() < options.file_limit) document.add(**next++);
    files.push_back({fmt::format("{}.xml", part), document.finish(timestamp)});
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
  Document document(options);
  for (const CaseResult* each : cases) document.add(*each);
  return document.finish(timestamp);
}

Result<std::vector<fs::path>> write_junit_files(const RunRecord& record, const fs::path& run_dir) {
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
    for (const ShardFile& file : format_shard(shard, cases, record.started)) {
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
