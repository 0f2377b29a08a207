// SPDX-License-Identifier: Apache-2.0
#include "agent/report/html.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "agent/core/files.hpp"
#include "agent/core/hash.hpp"
#include "agent/core/text.hpp"
#include "agent/report/html_cases.hpp"
#include "agent/report/html_writer.hpp"
#include "agent/report/outcome_bar.hpp"
#include "agent/report/stack_text.hpp"
#include "agent/report/summary.hpp"
#include "agent/report/timeline.hpp"
#include "embedded/spyre_report_assets.hpp"

namespace spyre::report {
namespace {

using results::Outcome;
using results::RunRecord;

class Page {
 public:
  Page(const RunRecord& record, const HtmlOptions& options)
      : m_record(record), m_options(options), m_cases(m_html, options) {}

  std::string html() {
    title();
    verdict();
    outcomes();
    comparison();
    list("Infrastructure", m_record.infra);
    m_cases.failures(m_record);
    m_cases.not_run(m_record);
    list("Selected, but produced no cases", m_record.not_instantiated);
    injected();
    list("Warnings", m_record.warnings);
    m_cases.flaky(m_record);
    cards();
    m_cases.slowest(m_record);
    rerun();
    const std::string body = m_html.take();
    return framed(body, cases_for_search(m_record));
  }

 private:
  // The policy forbids loading resources, and running scripts other than our own. The nonce cannot be predicted by text
  // of tests, because it is derived from the whole page.
  std::string framed(const std::string& body, const std::string& cases) const {
    const std::string nonce = hex(stable_hash(body)) + hex(stable_hash(cases));
    HtmlWriter page;
    page.raw(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta "
            "http-equiv=\"Content-Security-Policy\"")
        .attribute("content",
                   fmt::format("default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-{}'", nonce))
        .raw(
            "><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
            "<meta name=\"color-scheme\" content=\"light dark\">")
        .element("title", fmt::format("spyre-ci run {}", m_record.run_id))
        .raw("<style>")
        .trusted(assets::style)
        .raw("</style></head><body><main>")
        .trusted(body)
        .raw(
            "<section id=\"search\" hidden><h2>All cases</h2>"
            "<p><label for=\"query\">Part of the name</label> <input id=\"query\" type=\"search\" "
            "autocomplete=\"off\"> "
            "<label for=\"outcome\">Outcome</label> <select id=\"outcome\"><option value=\"\">any</option></select> "
            "<span id=\"found\" role=\"status\"></span></p><table id=\"cases\"></table></section></main>"
            "<script type=\"application/json\" id=\"data\"")
        .attribute("nonce", nonce)
        .raw(">")
        .trusted(cases)
        .raw("</script><script")
        .attribute("nonce", nonce)
        .raw(">")
        .trusted(assets::script)
        .raw("</script></body></html>\n");
    return page.take();
  }

  void title() {
    m_html.element("h1", fmt::format("Run {}", m_record.run_id)).raw("<table>");
    row("Revision", m_record.revision);
    row("Stage", m_record.stage);
    row("Started", m_record.started);
    row("Took", format_duration(Seconds{m_record.wall_s}));
    if (m_options.stack) {
      row("Stack", stack_line(*m_options.stack));
      row("Host", host_line(m_options.stack->host));
    }
    if (!m_options.build_url.empty()) {
      m_html.raw(R"(<tr><th scope="row">Build</th><td class="id"><a rel="noreferrer")")
          .attribute("href", m_options.build_url)
          .raw(">")
          .text(m_options.build_url)
          .raw("</a></td></tr>");
    }
    m_html.raw("</table>");
  }

  void row(Markup name, std::string_view value) {
    if (value.empty()) return;
    m_html.raw("<tr><th scope=\"row\">").raw(name).raw("</th>").element("td class=\"id\"", value).raw("</tr>");
  }

  void verdict() {
    std::string text = totals_line(m_record);
    if (m_record.interrupted_by != 0) {
      text += fmt::format(" (interrupted by signal {})", m_record.interrupted_by);
    } else if (!m_record.finished) {
      text += " (not finished)";
    }
    if (const std::string incomplete = incomplete_line(m_record); !incomplete.empty()) text += "; " + incomplete;
    if (m_record.exit_code() == 0) {
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
      m_html.raw(R"(<tr><td><svg width="12" height="12" aria-hidden="true"><rect width="12" height="12")");
      m_html.attribute("fill", colour_of(static_cast<Outcome>(i))).raw("/></svg> ");
      m_html.text(results::outcome_names[i]).raw("</td>").element("td class=\"n\"", std::to_string(found->second));
      m_html.raw("</tr>");
    }
    m_html.raw("</table>");
  }

  void comparison() {
    if (!m_options.comparison) return;
    const Comparison& changes = *m_options.comparison;
    m_html.raw("<h2>Compared with the run before</h2>").element("p", comparison_line(changes));
    ids("Newly failing", changes.newly_failing);
    ids("New and failing", changes.failing_and_new);
    ids("Fixed", changes.fixed);
  }

  void ids(Markup title, const std::vector<std::string>& ids) {
    if (ids.empty()) return;
    m_html.raw("<details><summary>").raw(title).text(fmt::format(" ({})", ids.size())).raw("</summary>");
    items(ids);
    m_html.raw("</details>");
  }

  void list(Markup title, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    m_html.raw("<h2>").raw(title).raw("</h2>");
    items(lines);
  }

  void items(const std::vector<std::string>& lines) {
    m_html.raw("<ul>");
    const std::size_t shown = std::min(lines.size(), m_options.cases_a_group);
    for (std::size_t i = 0; i < shown; ++i) m_html.element("li", shorten(lines[i], m_options.details_limit));
    m_html.raw("</ul>");
    if (lines.size() > shown) m_html.element("p", fmt::format("and {} more", lines.size() - shown));
  }

  void injected() {
    std::set<std::string> lines;  // several batches may have one file
    for (const results::BatchRecord& batch : m_record.batches) {
      for (const results::event::InjectedClass& each : batch.injected) {
        lines.insert(fmt::format("{}::{} ({})", batch.file, each.name, results::event::name(each.kind)));
      }
    }
    list("Classes made for the device", {lines.begin(), lines.end()});
  }

  void cards() {
    const std::vector<CardUse> uses = card_use(m_record);
    if (uses.empty()) return;
    m_html.raw("<h2>Cards</h2>").trusted(timeline(m_record));
    m_html.raw(
        "<p>A block is a batch; its dark part is the import of the file. Hatched: the card was cordoned.</p>"
        "<details><summary>In numbers</summary><table><tr><th>Card</th><th class=\"n\">Batches</th><th "
        "class=\"n\">Busy</th>"
        "<th class=\"n\">Last batch ended</th></tr>");
    for (const CardUse& use : uses) {
      m_html.raw("<tr>").element("td", std::to_string(use.card)).element("td class=\"n\"", std::to_string(use.batches));
      m_html.element("td class=\"n\"", format_duration(Seconds{use.busy_s}));
      m_html.element("td class=\"n\"", format_duration(Seconds{use.ended_s})).raw("</tr>");
    }
    m_html.raw("</table></details>");
  }

  void rerun() {
    if (m_options.rerun.empty()) return;
    m_html.raw("<h2>Run the failures again</h2><pre tabindex=\"0\">").text(m_options.rerun).raw("</pre>");
  }

  const RunRecord& m_record;
  const HtmlOptions& m_options;
  HtmlWriter m_html;
  CaseWriter m_cases;
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
