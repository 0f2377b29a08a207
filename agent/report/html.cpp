// SPDX-License-Identifier: Apache-2.0
#include "agent/report/html.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "agent/core/files.hpp"
#include "agent/core/text.hpp"
#include "agent/report/groups.hpp"
#include "agent/report/html_writer.hpp"
#include "agent/report/summary.hpp"
#include "agent/report/timeline.hpp"
#include "embedded/spyre_report_assets.hpp"

namespace spyre::report {
namespace {

using results::Attempt;
using results::CaseResult;
using results::Outcome;
using results::RunRecord;

std::string seconds_text(double seconds) {
  return format_duration(Seconds{seconds});
}

class Page {
 public:
  Page(const RunRecord& record, const HtmlOptions& options) : m_record(record), m_options(options) {}

  std::string html() {
    head();
    verdict();
    outcomes();
    list("Infrastructure", m_record.infra);
    failures();
    not_run();
    list("Selected, but no case came of them", m_record.not_instantiated);
    list("Warnings", m_record.warnings);
    flaky();
    cards();
    slowest();
    rerun();
    m_html.raw("</main></body></html>\n");
    return m_html.take();
  }

 private:
  void head() {
    // Nothing in the page may load or run anything, even if hostile text should ever get through as markup.
    m_html
        .raw(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
            "<meta name=\"color-scheme\" content=\"light dark\">")
        .element("title", fmt::format("spyre-ci run {}", m_record.run_id))
        .raw("<style>")
        .trusted(assets::style)
        .raw("</style></head><body><main>")
        .element("h1", fmt::format("Run {}", m_record.run_id));
    m_html.raw("<table>");
    row("Revision", m_record.revision);
    row("Stage", m_record.stage);
    row("Started", m_record.started);
    row("Took", seconds_text(m_record.wall_s));
    m_html.raw("</table>");
  }

  void row(Markup name, std::string_view value) {
    if (value.empty()) return;
    m_html.raw("<tr><th scope=\"row\">").raw(name).raw("</th>").element("td class=\"id\"", value).raw("</tr>");
  }

  void verdict() {
    const int code = m_record.exit_code();
    std::string text = totals_line(m_record);
    if (m_record.interrupted_by != 0) {
      text += fmt::format(" (interrupted by signal {})", m_record.interrupted_by);
    } else if (!m_record.finished) {
      text += " (not finished)";
    }
    if (code == 0) {
      m_html.element("p class=\"verdict good\"", text);
    } else {
      m_html.element("p class=\"verdict bad\"", text);
    }
  }

  void outcomes() {
    m_html.trusted(outcome_bar(m_record)).raw("<table><tr><th>Outcome</th><th class=\"n\">Cases</th></tr>");
    const auto totals = m_record.totals();
    for (std::size_t i = 0; i < results::outcome_count; ++i) {
      const auto found = totals.find(std::string(results::outcome_names[i]));
      if (found == totals.end() || found->second == 0) continue;
      m_html.raw("<tr><td><svg width=\"12\" height=\"12\" aria-hidden=\"true\"><rect width=\"12\" height=\"12\"");
      m_html.attribute("fill", colour_of(static_cast<Outcome>(i))).raw("/></svg> ");
      m_html.text(results::outcome_names[i]).raw("</td>").element("td class=\"n\"", std::to_string(found->second));
      m_html.raw("</tr>");
    }
    m_html.raw("</table>");
  }

  void failures() {
    const std::vector<FailureGroup> groups = group_failures(m_record);
    if (groups.empty()) return;
    m_html.raw("<h2 id=\"failures\">Failures</h2>");
    for (std::size_t i = 0; i < groups.size(); ++i) {
      // Open at first sight: the largest cause, as long as it is short.
      if (i == 0 && groups[i].cases.size() <= 20) {
        m_html.raw("<details open>");
      } else {
        m_html.raw("<details>");
      }
      group(groups[i]);
      m_html.raw("</details>");
    }
  }

  void group(const FailureGroup& group) {
    m_html.raw("<summary>").element("strong", fmt::format("{} ×", group.cases.size())).raw(" ");
    m_html.element("span class=\"bad\"", results::name(group.cases.front()->outcome())).raw(" ");
    m_html.text(shorten(group.message, m_options.details_limit));
    if (!group.where.empty()) m_html.raw(" <br>").element("code", "at " + group.where);
    m_html.raw("</summary>");
    const std::size_t shown = std::min(group.cases.size(), m_options.cases_a_group);
    for (std::size_t i = 0; i < shown; ++i) failed_case(*group.cases[i]);
    more(group.cases.size(), shown);
  }

  void failed_case(const CaseResult& result) {
    m_html.raw("<details><summary>").element("span class=\"id\"", result.id).raw("</summary>");
    for (std::size_t i = 0; i < result.attempts.size(); ++i) attempt(result.attempts[i], i + 1);
    m_html.raw("</details>");
  }

  void attempt(const Attempt& attempt, std::size_t number) {
    m_html.element("p", fmt::format("Attempt {}: {} after {}{}", number, results::name(attempt.outcome),
                                    seconds_text(attempt.duration_s),
                                    attempt.card < 0 ? "" : fmt::format(" on card {}", attempt.card)));
    if (!attempt.message.empty()) m_html.element("p", shorten(attempt.message, m_options.details_limit));
    block(attempt.details);
    block(attempt.output);
  }

  // A long text, as long as there is room in the page.
  void block(const std::string& text) {
    if (text.empty()) return;
    const std::string shown = head_and_tail(text, m_options.details_limit);
    if (m_long_texts + shown.size() > m_options.total_limit) {
      m_html.raw("<p>Left out here: the page would be too large. The JUnit files have it.</p>");
      return;
    }
    m_long_texts += shown.size();
    m_html.raw("<pre tabindex=\"0\">").text(shown).raw("</pre>");
  }

  void not_run() {
    const std::vector<MessageGroup> groups = group_by_message(m_record, Outcome::not_run);
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

  void list(Markup title, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    m_html.raw("<h2>").raw(title).raw("</h2><ul>");
    const std::size_t shown = std::min(lines.size(), m_options.cases_a_group);
    for (std::size_t i = 0; i < shown; ++i) m_html.element("li", shorten(lines[i], m_options.details_limit));
    m_html.raw("</ul>");
    more(lines.size(), shown);
  }

  void flaky() {
    const std::vector<const CaseResult*> cases = flaky_cases(m_record);
    if (cases.empty()) return;
    m_html.raw("<h2>Flaky</h2><p>Passed only when tried again.</p>");
    const std::size_t shown = std::min(cases.size(), m_options.cases_a_group);
    for (std::size_t i = 0; i < shown; ++i) failed_case(*cases[i]);
    more(cases.size(), shown);
  }

  void cards() {
    const std::vector<CardUse> uses = card_use(m_record);
    if (uses.empty()) return;
    m_html.raw("<h2>Cards</h2>").trusted(timeline(m_record));
    m_html.raw(
        "<p>A block is a batch; its dark part is the import of the file.</p>"
        "<table><tr><th>Card</th><th class=\"n\">Batches</th><th class=\"n\">Busy</th>"
        "<th class=\"n\">Last batch ended</th></tr>");
    for (const CardUse& use : uses) {
      m_html.raw("<tr>").element("td", std::to_string(use.card)).element("td class=\"n\"", std::to_string(use.batches));
      m_html.element("td class=\"n\"", seconds_text(use.busy_s)).element("td class=\"n\"", seconds_text(use.ended_s));
      m_html.raw("</tr>");
    }
    m_html.raw("</table>");
  }

  void slowest() {
    const std::vector<const CaseResult*> cases = slowest_cases(m_record, m_options.slowest, 0.001);
    if (cases.empty()) return;
    m_html.raw("<h2>Slowest cases</h2><table><tr><th class=\"n\">Time</th><th>Outcome</th><th>Case</th></tr>");
    for (const CaseResult* each : cases) {
      m_html.raw("<tr>").element("td class=\"n\"", seconds_text(each->duration_s()));
      m_html.element("td", results::name(each->outcome())).element("td class=\"id\"", each->id).raw("</tr>");
    }
    m_html.raw("</table>");
  }

  void rerun() {
    if (m_options.rerun.empty()) return;
    m_html.raw("<h2>Run the failures again</h2><pre tabindex=\"0\">").text(m_options.rerun).raw("</pre>");
  }

  void more(std::size_t count, std::size_t shown) {
    if (count > shown) m_html.element("p", fmt::format("and {} more", count - shown));
  }

  const RunRecord& m_record;
  const HtmlOptions& m_options;
  HtmlWriter m_html;
  std::size_t m_long_texts = 0;  // bytes
};

}  // namespace

std::string format_html(const RunRecord& record, const HtmlOptions& options) {
  return Page(record, options).html();
}

Result<std::filesystem::path> write_html(const RunRecord& record, const std::filesystem::path& run_dir,
                                         const HtmlOptions& options) {
  const std::filesystem::path path = run_dir / "report.html";
  CHECK_OK(write_file(path, format_html(record, options)));
  return path;
}

}  // namespace spyre::report
