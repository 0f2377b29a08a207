// SPDX-License-Identifier: Apache-2.0
#include "agent/report/html_cases.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "agent/core/text.hpp"
#include "agent/report/plot.hpp"
#include "agent/report/terminal.hpp"

namespace spyre::report {

using results::Attempt;
using results::CaseResult;
using results::Outcome;
using results::RunRecord;

void CaseWriter::failures(const RunRecord& record) {
  const std::vector<FailureGroup> all = group_failures(record);
  std::vector<const FailureGroup*> tests, machine;
  for (const FailureGroup& each : all) (each.infrastructure.empty() ? tests : machine).push_back(&each);
  if (!tests.empty()) {
    m_html.raw("<h2 id=\"failures\">Failures</h2>");
    groups(tests, true);
  }
  if (!machine.empty()) {
    m_html.raw("<h2>Failures probably caused by the machine</h2>");
    groups(machine, false);
  }
}

void CaseWriter::groups(const std::vector<const FailureGroup*>& groups, bool open_first) {
  for (std::size_t i = 0; i < groups.size(); ++i) {
    // Only the largest group is initially open, if it is short.
    if (open_first && i == 0 && groups[i]->cases.size() <= 20) {
      m_html.raw("<details open>");
    } else {
      m_html.raw("<details>");
    }
    group(*groups[i]);
    m_html.raw("</details>");
  }
}

void CaseWriter::group(const FailureGroup& group) {
  m_html.raw("<summary>").element("strong", fmt::format("{} ×", group.cases.size())).raw(" ");
  m_html.element("span class=\"bad\"", results::name(group.cases.front()->outcome())).raw(" ");
  if (!group.infrastructure.empty()) m_html.element("span class=\"warn\"", group.infrastructure).raw(" ");
  m_html.text(shorten(group.message, m_options.details_limit));
  if (!group.where.empty()) m_html.raw(" <br>").element("code", "at " + group.where);
  m_html.raw("</summary>");
  const std::size_t shown = std::min(group.cases.size(), m_options.cases_a_group);
  for (std::size_t i = 0; i < shown; ++i) one_case(*group.cases[i]);
  more(group.cases.size(), shown);
}

void CaseWriter::one_case(const CaseResult& result) {
  m_html.raw("<details><summary>").element("span class=\"id\"", result.id).raw("</summary>");
  if (const auto known = m_options.histories.find(result.id); known != m_options.histories.end()) {
    m_html.trusted(history_plot(known->second));
  }
  for (std::size_t i = 0; i < result.attempts.size(); ++i) attempt(result.attempts[i], i + 1);
  m_html.raw("</details>");
}

void CaseWriter::attempt(const Attempt& attempt, std::size_t number) {
  m_html.element("p", fmt::format("Attempt {}: {} after {}{}", number, results::name(attempt.outcome),
                                  format_duration(Seconds{attempt.duration_s}),
                                  attempt.card < 0 ? "" : fmt::format(" on card {}", attempt.card)));
  if (const std::string why = results::reason(attempt); !why.empty()) {
    m_html.element("p", shorten(why, m_options.details_limit));
  }
  block(attempt.details);
  block(attempt.output);
}

void CaseWriter::block(const std::string& text) {
  if (text.empty()) return;
  const std::string shown = head_and_tail(text, m_options.details_limit);
  if (m_long_texts + shown.size() > m_options.total_limit) {
    m_html.raw("<p>Left out here: the page would be too large. The JUnit files have it.</p>");
    return;
  }
  m_long_texts += shown.size();
  m_html.raw("<pre tabindex=\"0\">").text(shown).raw("</pre>");
}

void CaseWriter::not_run(const RunRecord& record) {
  const std::vector<MessageGroup> groups = group_by_message(record, Outcome::not_run);
  if (groups.empty()) return;
  m_html.raw("<h2>Not run</h2>");
  for (const MessageGroup& group : groups) {
    m_html.raw("<details><summary>").element("strong", fmt::format("{} ×", group.cases.size())).raw(" ");
    m_html.text(shorten(group.message, m_options.details_limit)).raw("</summary><ul>");
    const std::size_t shown = std::min(group.cases.size(), m_options.cases_a_group);
    for (std::size_t i = 0; i < shown; ++i) m_html.element("li class=\"id\"", group.cases[i]->id);
    m_html.raw("</ul>");
    more(group.cases.size(), shown);
    m_html.raw("</details>");
  }
}

void CaseWriter::flaky(const RunRecord& record) {
  const std::vector<const CaseResult*> cases = flaky_cases(record);
  if (cases.empty()) return;
  m_html.raw("<h2>Flaky</h2><p>Passed only after another attempt.</p>");
  const std::size_t shown = std::min(cases.size(), m_options.cases_a_group);
  for (std::size_t i = 0; i < shown; ++i) one_case(*cases[i]);
  more(cases.size(), shown);
}

void CaseWriter::slowest(const RunRecord& record) {
  const std::vector<const CaseResult*> cases = slowest_cases(record, m_options.slowest, 0.001);
  if (cases.empty()) return;
  m_html.raw("<h2>Slowest cases</h2><table><tr><th class=\"n\">Time</th><th>Outcome</th><th>Case</th></tr>");
  for (const CaseResult* each : cases) {
    m_html.raw("<tr>").element("td class=\"n\"", format_duration(Seconds{each->duration_s()}));
    m_html.element("td", results::name(each->outcome())).element("td class=\"id\"", each->id).raw("</tr>");
  }
  m_html.raw("</table>");
}

void CaseWriter::more(std::size_t count, std::size_t shown) {
  if (count > shown) m_html.element("p", fmt::format("and {} more", count - shown));
}

std::string cases_for_search(const RunRecord& record) {
  std::map<std::string, std::vector<const CaseResult*>> by_prefix;
  const auto prefix_length = [](const std::string& id) {
    const std::size_t last = id.rfind("::");
    return last == std::string::npos ? 0 : last + 2;
  };
  for (const CaseResult& each : record.cases) {
    if (!each.attempts.empty()) by_prefix[each.id.substr(0, prefix_length(each.id))].push_back(&each);
  }
  nlohmann::json document = nlohmann::json::array();
  for (const auto& [prefix, cases] : by_prefix) {
    nlohmann::json list = nlohmann::json::array();
    for (const CaseResult* each : cases) {
      // Milliseconds are precise enough.
      const double seconds = std::round(each->duration_s() * 1000) / 1000;
      list.push_back({one_line(each->id.substr(prefix_length(each->id))), static_cast<int>(each->outcome()), seconds});
    }
    document.push_back({one_line(prefix), std::move(list)});
  }
  std::string out;
  for (const char c : dump_json(document)) {
    // Inside of a <script>, only "</script" and "<!--" are special.
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace spyre::report
