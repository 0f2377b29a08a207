// SPDX-License-Identifier: Apache-2.0
#include "agent/report/html.hpp"

#include <cmath>
#include <set>

#include "agent/core/files.hpp"
#include "agent/report/html_writer.hpp"
#include "agent/report/outcome_bar.hpp"
#include "agent/report/timeline.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/report/records.hpp"

using namespace spyre;
using namespace spyre::report;
using results::Outcome;
using results::RunRecord;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

// The elements that stay open, or "</x>" for an end without a start: empty for a page whose elements nest.
std::string nesting(const std::string& html) {
  const std::set<std::string> empty{"meta", "br", "!DOCTYPE", "input"};
  // The script has "<" of its own.
  const std::size_t script = html.find("<script");
  std::vector<std::string> open;
  for (std::size_t at = html.find('<'); at != std::string::npos && at < script; at = html.find('<', at + 1)) {
    const std::size_t end = html.find('>', at);
    const bool closing = html[at + 1] == '/';
    const std::string name = html.substr(at + 1 + closing, html.find_first_of(" >/", at + 2) - at - 1 - closing);
    if (closing) {
      if (open.empty() || open.back() != name) return "</" + name + ">";
      open.pop_back();
    } else if (!empty.contains(name) && html[end - 1] != '/') {
      open.push_back(name);
    }
  }
  const std::vector<std::string> around =
      script == std::string::npos ? std::vector<std::string>{} : std::vector<std::string>{"html", "body"};
  return open == around ? "" : open.empty() ? "nothing is open" : open.back();
}

}  // namespace

TEST_CASE("the page shows the results") {
  RunRecord record = a_run();
  record.infra = {"card 1 is lost"};
  HtmlOptions options;
  options.rerun = "spyre-ci run --source /src --only test/test_a.py::T::test_boom";
  const std::string html = format_html(record, options);
  CHECK(nesting(html).empty());
  for (const char* part :
       {"<h1>Run 20260122-020000-abcd</h1>", "b2a59f0", "16 cases: 7 passed, 5 failed", "<strong>5 ×</strong>",
        "AssertionError: Tensor-likes are not close! 0 of 100", "at /src/torch_spyre/ops.py:7", "card 1 is lost",
        "the run was stopped", "<h2>Flaky</h2>", "Attempt 2: passed after 2.5 s on card 0", "Slowest cases",
        "--only test/test_a.py::T::test_boom", "<title>Timeline of the cards</title>"}) {
    CAPTURE(part);
    CHECK(contains(html, part));
  }
  CHECK(format_html(record, options) == html);
}

TEST_CASE("the page is self-contained") {
  const std::string html = format_html(a_run(), {});
  for (const char* part : {"<link", "src=", "href=\"http", "url(", "@import", "fetch("}) {
    CAPTURE(part);
    CHECK_FALSE(contains(html, part));
  }
  CHECK(contains(html, "default-src &#39;none&#39;"));
}

TEST_CASE("a picture does not need styles, and works on light and dark backgrounds") {
  const std::string svg = timeline(a_run());
  CHECK(nesting(svg).empty());
  CHECK_FALSE(contains(svg, "style="));
  CHECK_FALSE(contains(svg, "class="));
  CHECK(contains(svg, "fill=\"currentColor\""));
}

TEST_CASE("hostile text is escaped") {
  RunRecord record = a_run();
  const std::string evil = "\"'><script>alert(1)</script><!-- & \x1b[31m \xff </pre></style>";
  record.run_id = record.revision = record.stage = record.started = evil;
  record.infra = record.warnings = record.not_instantiated = {evil};
  for (results::BatchRecord& batch : record.batches) batch.file = batch.id = evil;
  for (results::CaseResult& each : record.cases) {
    each.id = each.unit = evil;
    for (results::Attempt& attempt : each.attempts) attempt.message = attempt.details = attempt.output = evil;
  }
  HtmlOptions options;
  options.rerun = evil;
  const std::string html = format_html(record, options);
  CHECK(nesting(html).empty());
  // Only our own two scripts.
  CHECK(occurrences(html, "<script") == 2);
  CHECK(occurrences(html, "</script>") == 2);
  CHECK_FALSE(contains(html, "<!--"));
  CHECK_FALSE(contains(html, "\x1b"));
  CHECK(contains(html, "&lt;script&gt;alert(1)"));
  CHECK(contains(html, "\xEF\xBF\xBD"));
}

TEST_CASE("text is escaped for elements and attributes") {
  CHECK(escaped("<a href='x' title=\"y\">&") == "&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;");
  CHECK(escaped("tab\tline\n") == "tab\tline\n");
  CHECK(escaped(std::string_view("\0\x01", 2)) == "??");
}

TEST_CASE("the size of a page is limited") {
  RunRecord record;
  for (int i = 0; i < 3000; ++i) {
    record.cases.push_back(
        a_case(fmt::format("test_{}", i), Outcome::failed, 0, "Error: the same", std::string(100'000, 'x')));
  }
  const std::string html = format_html(record, {});
  CHECK(html.size() < 15'000'000);
  CHECK(contains(html, "and 2500 more"));
  HtmlOptions tight;
  tight.total_limit = 100'000;
  CHECK(contains(format_html(record, tight), "Left out here"));
}

TEST_CASE("the page has all cases for its search, and only its own script may run") {
  const std::string html = format_html(a_run(), {});
  CHECK(contains(html, R"([["test/test_a.py::TCPU::",[["test_pass_0_cpu",0,0.01],)"));
  CHECK(contains(html, "<section id=\"search\" hidden>"));
  const std::size_t at = html.find("script-src &#39;nonce-") + 22;
  const std::string nonce = html.substr(at, 32);
  CHECK(occurrences(html, " nonce=\"" + nonce + "\"") == 2);
  RunRecord other = a_run();
  other.cases[0].id += "x";
  CHECK_FALSE(contains(format_html(other, {}), nonce));
}

TEST_CASE("the page shows changes, and the history of a failed test") {
  HtmlOptions options;
  options.comparison = compare(a_run(), "run-7", {{"test/test_a.py::TCPU::test_boom_cpu", Outcome::passed}});
  history::CaseHistory history;
  history.runs.resize(2);
  options.histories["test/test_a.py::TCPU::test_boom_cpu"] = history;
  const std::string html = format_html(a_run(), options);
  CHECK(nesting(html).empty());
  CHECK(contains(html, "since run run-7: 1 newly failing"));
  CHECK(contains(html, "Newly failing (1)"));
  CHECK(contains(html, "<title>The latest 2 runs"));
}

TEST_CASE("failures of the machine have their own section") {
  RunRecord record = a_run();
  record.cases.push_back(a_case("test_oom", Outcome::failed, 1, "MemoryError"));
  const std::string html = format_html(record, {});
  CHECK(html.find("probably caused by the machine") < html.find("<span class=\"warn\">memory</span>"));
}

TEST_CASE("the timeline has a row for each card and a block for each batch") {
  const std::string svg = timeline(a_run());
  CHECK(occurrences(svg, ">card ") == 2);
  CHECK(occurrences(svg, "<title>test/test_a.py (b") == 3);
  CHECK(contains(svg, "test/test_a.py (b0001): 0 ms to 30.0 s, 6 passed, 5 failed, 1 skipped, 1 crashed"));
  CHECK(contains(svg, std::string(colour_of(Outcome::crashed))));
  const auto use = card_use(a_run());
  REQUIRE(use.size() == 2);
  CHECK(use[0].batches == 2);
  CHECK(use[0].busy_s == 39);
  CHECK(use[0].ended_s == 40);
  CHECK(use[1].busy_s == 58);
}

TEST_CASE("a gang is shown on all of its cards, and a cordon at its time") {
  RunRecord record;
  record.wall_s = 100;
  record.batches = {a_batch("b1", 0, 0, 10), a_batch("b2", 3, 0, 20)};
  record.batches[0].cards = {0, 1, 2};
  record.cordons = {{2, 10, 60}};
  const std::string svg = timeline(record);
  CHECK(occurrences(svg, "<text x=\"0\"") == 4);
  CHECK(occurrences(svg, "(b1)") == 3);
  CHECK(occurrences(svg, "fill=\"url(#cordoned)\"") == 1);
  CHECK(contains(svg, "card 2: cordoned from 10.0 s for 1 min"));
  const auto use = card_use(record);
  REQUIRE(use.size() == 4);
  CHECK(use[1].busy_s == 10);
}

TEST_CASE("the picture of thousands of cards is small") {
  RunRecord record;
  record.wall_s = 100;
  for (int i = 0; i < 40'000; ++i) {
    record.batches.push_back(a_batch(std::to_string(i), i % 2000, i / 2000 * 5.0, i / 2000 * 5.0 + 4));
  }
  results::CaseResult failed = a_case("test_x", Outcome::failed, 1);
  failed.batch = "39999";
  record.cases = {failed};
  const std::string svg = timeline(record);
  CHECK(svg.size() < 3'000'000);
  CHECK(occurrences(svg, "<text") < 200);
  CHECK(occurrences(svg, "<path") < 10);
  CHECK(contains(svg, "(39999): 1 min 35 s to 1 min 39 s, 1 failed"));
}

TEST_CASE("pictures of unusual runs") {
  RunRecord record;
  CHECK(timeline(record).empty());
  CHECK(outcome_bar(record).empty());
  CHECK(nesting(format_html(record, {})).empty());
  record.batches = {a_batch("cut off", 0, 10, 0), a_batch("waits", -1, 0, 0), a_batch("nan", 1, NAN, INFINITY)};
  record.wall_s = 20;
  CHECK(occurrences(timeline(record), ">card ") == 1);
  CHECK(card_use(record).at(0).busy_s == 10);
  record.wall_s = 1e9;
  CHECK(occurrences(timeline(record), "<line") < 12);
  CHECK_FALSE(contains(timeline(record), "nan"));
}

TEST_CASE("one failure among very many passes is visible") {
  RunRecord record;
  for (int i = 0; i < 5000; ++i) record.cases.push_back(a_case("test_x", Outcome::passed));
  record.cases.push_back(a_case("test_y", Outcome::failed));
  CHECK(
      contains(outcome_bar(record), "width=\"3.00\" height=\"28\" fill=\"" + std::string(colour_of(Outcome::failed))));
}

TEST_CASE("the page is written next to the run's other files") {
  const TemporaryDirectory directory = TemporaryDirectory::create().value();
  const auto path = write_html(a_run(), directory.path() / "run", {});
  REQUIRE(path);
  CHECK(*path == directory.path() / "run" / "report.html");
  CHECK(read_file(*path) == format_html(a_run(), {}));
}
