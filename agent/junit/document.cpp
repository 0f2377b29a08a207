// SPDX-License-Identifier: Apache-2.0
#include "agent/junit/document.hpp"

#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/junit/xml_text.hpp"
#include "agent/results/case_id.hpp"

namespace spyre::junit {
namespace {

constexpr std::size_t message_limit = 2000;

// Failures are assertions that do not hold; all other problems are errors.
bool is_error(results::Outcome outcome) {
  return outcome == results::Outcome::error || outcome == results::Outcome::crashed ||
         outcome == results::Outcome::timed_out || outcome == results::Outcome::not_run;
}

// "Outer::Inner" → "Outer.Inner".
std::string dotted(std::string_view class_path) {
  std::string out;
  for (const char c : class_path) {
    if (c != ':') {
      out += c;
    } else if (!out.ends_with('.')) {
      out += '.';
    }
  }
  return out;
}

}  // namespace

void SuiteWriter::attribute(std::string_view name, std::string_view value) {
  m_body += fmt::format(" {}=\"", name);
  append_escaped(m_body, value);
  m_body += '"';
}

void SuiteWriter::text_element(std::string_view name, std::string_view text) {
  if (text.empty()) return;
  m_body += fmt::format("<{}>", name);
  append_escaped(m_body, text);
  m_body += fmt::format("</{}>", name);
}

void SuiteWriter::verdict(std::string_view element, std::string_view type, const results::Attempt& attempt) {
  m_body += fmt::format("<{}", element);
  if (!type.empty()) attribute("type", type);
  attribute("message", shorten(reason(attempt), message_limit));
  m_body += '>';
  append_escaped(m_body, head_and_tail(attempt.details, m_options.text_limit));
  m_body += fmt::format("</{}>", element);
}

void SuiteWriter::last_attempt(const results::Attempt& attempt) {
  const results::Outcome outcome = attempt.outcome;
  if (outcome == results::Outcome::failed) {
    ++m_counts.failures;
    verdict("failure", "failed", attempt);
  } else if (attempt.over_budget()) {
    // It is not a failure, so Jenkins must not count it as one.
    ++m_counts.skipped;
    verdict("skipped", over_budget_type, attempt);
  } else if (is_error(outcome)) {
    ++m_counts.errors;
    verdict("error", name(outcome), attempt);
  } else if (outcome == results::Outcome::skipped || outcome == results::Outcome::xfailed) {
    ++m_counts.skipped;
    verdict("skipped", outcome == results::Outcome::xfailed ? "pytest.xfail" : "pytest.skip", attempt);
  }
}

void SuiteWriter::earlier_attempt(const results::Attempt& attempt, bool passed_in_the_end) {
  if (!is_failure(attempt.outcome)) return;
  const std::string element =
      fmt::format("{}{}", passed_in_the_end ? "flaky" : "rerun", is_error(attempt.outcome) ? "Error" : "Failure");
  m_body += fmt::format("<{}", element);
  attribute("type", name(attempt.outcome));
  attribute("message", shorten(reason(attempt), message_limit));
  m_body += '>';
  text_element("stackTrace", head_and_tail(attempt.details, m_options.text_limit));
  text_element("system-out", head_and_tail(attempt.output, m_options.output_limit));
  m_body += fmt::format("</{}>", element);
}

void SuiteWriter::add(const results::CaseResult& result) {
  const results::CaseName id = results::split_case_id(result.id);
  Identity identity{results::module_name(id.file), std::string(id.name.empty() ? id.file : id.name),
                    std::string(id.file)};
  if (!id.class_path.empty()) identity.classname += fmt::format(".{}", dotted(id.class_path));
  std::vector<std::string> tags;
  if (m_options.tags != nullptr) {
    if (const auto found = m_options.tags->find(result.unit); found != m_options.tags->end()) tags = found->second;
  }
  add(identity, result.attempts, tags);
}

void SuiteWriter::properties(const std::vector<std::string>& tags) {
  if (tags.empty()) return;
  m_body += "<properties>";
  for (const std::string& tag : tags) {
    m_body += "<property name=\"tag\"";
    attribute("value", tag);
    m_body += "/>";
  }
  m_body += "</properties>";
}

void SuiteWriter::add(const Case& result) {
  Identity identity{std::string(result.classname), std::string(result.name), std::string(result.file)};
  if (result.file.ends_with(".py")) {
    identity.classname = results::module_name(result.file);
    if (!result.classname.empty()) identity.classname.append(".").append(result.classname);
  }
  results::Attempt failed, last;
  failed.outcome = results::Outcome::failed;
  last.outcome = result.outcome;
  last.duration_s = result.time_s;
  last.message = result.message;
  if (result.over_budget) last.cause.kind = results::Cause::Kind::budget;
  last.details = result.details;
  std::vector<results::Attempt> attempts(static_cast<std::size_t>(result.reruns), failed);
  attempts.push_back(std::move(last));
  add(identity, attempts);
}

void SuiteWriter::add(const Identity& identity, const std::vector<results::Attempt>& attempts,
                      const std::vector<std::string>& tags) {
  static const results::Attempt none;
  const results::Attempt& last = attempts.empty() ? none : attempts.back();
  m_body += "<testcase";
  attribute("classname", identity.classname);
  attribute("name", identity.name.empty() ? "(no name)" : identity.name);
  if (!identity.file.empty()) attribute("file", identity.file);
  attribute("time", fmt::format("{:.3f}", last.duration_s));
  if (last.outcome == results::Outcome::xpassed) attribute("status", name(last.outcome));
  m_body += '>';
  properties(tags);
  last_attempt(last);
  for (std::size_t i = 0; i + 1 < attempts.size(); ++i)
    earlier_attempt(attempts[i], last.outcome == results::Outcome::passed);
  // The output of passing cases is not read, and is most of all output.
  if (last.outcome != results::Outcome::passed)
    text_element("system-out", head_and_tail(last.output, m_options.output_limit));
  m_body += "</testcase>\n";
  ++m_counts.tests;
  m_counts.time_s += last.duration_s;
}

std::string SuiteWriter::finish(std::string_view timestamp) const {
  std::string suite, started;
  append_escaped(suite, m_options.suite);
  append_escaped(started, timestamp);
  return fmt::format("<testsuite name=\"{}\" {}{}>\n{}</testsuite>\n", suite, m_counts.attributes(),
                     started.empty() ? "" : fmt::format(" timestamp=\"{}\"", started), m_body);
}

void Counts::add(const Counts& other) {
  tests += other.tests;
  failures += other.failures;
  errors += other.errors;
  skipped += other.skipped;
  time_s += other.time_s;
}

std::string Counts::attributes() const {
  return fmt::format(R"(tests="{}" failures="{}" errors="{}" skipped="{}" time="{:.3f}")", tests, failures, errors,
                     skipped, time_s);
}

std::string format_document(const Counts& counts, std::string_view suites) {
  return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {}>\n{}</testsuites>\n",
                     counts.attributes(), suites);
}

}  // namespace spyre::junit
