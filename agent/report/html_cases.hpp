// SPDX-License-Identifier: Apache-2.0
// The lists of cases of report.html.
#pragma once

#include <string>
#include <vector>

#include "agent/report/groups.hpp"
#include "agent/report/html.hpp"
#include "agent/report/html_writer.hpp"

namespace spyre::report {

// Writes cases with their attempts, until the limit for long texts is reached.
class CaseWriter {
 public:
  CaseWriter(HtmlWriter& html, const HtmlOptions& options) : m_html(html), m_options(options) {}

  // Write failures by cause; machine failures are separate from test failures.
  void failures(const results::RunRecord& record);
  void not_run(const results::RunRecord& record);
  void flaky(const results::RunRecord& record);
  void slowest(const results::RunRecord& record);

 private:
  void groups(const std::vector<const FailureGroup*>& groups, bool open_first);
  void group(const FailureGroup& group);
  void one_case(const results::CaseResult& result);
  void attempt(const results::Attempt& attempt, std::size_t number);
  void block(const std::string& text);
  void more(std::size_t count, std::size_t shown);

  HtmlWriter& m_html;
  const HtmlOptions& m_options;
  std::size_t m_long_texts = 0;  // bytes
};

// Return all cases for the search, as JSON: [[prefix, [[name, outcome, seconds], …]], …]. The id is prefix + name, and
// the outcome an index into outcome_names. Safe inside of a <script> element.
std::string cases_for_search(const results::RunRecord& record);

}  // namespace spyre::report
