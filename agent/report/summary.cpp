// SPDX-License-Identifier: Apache-2.0
#include "agent/report/summary.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/report/groups.hpp"

namespace spyre::report {
namespace {

using results::CaseResult;
using results::Outcome;
using results::RunRecord;

constexpr std::size_t message_limit = 500;   // bytes
constexpr std::size_t command_limit = 4096;  // bytes
constexpr std::size_t list_limit = 10;       // lines of a section

class Summary {
 public:
  Summary(const RunRecord& record, const SummaryOptions& options) : m_record(record), m_options(options) {}

  std::string text() {
    failures();
    not_run();
    list("Not instantiated: selected, but produced no cases", m_record.not_instantiated, Colour::yellow);
    list("Infrastructure", m_record.infra, Colour::red);
    list("Warnings", m_record.warnings, Colour::yellow);
    flaky();
    slowest();
    rerun();
    files();
    verdict();
    return std::move(m_text);
  }

 private:
  void line(const std::string& text, Colour colour = Colour::none) {
    m_text += coloured(text, colour, m_options.style.colour) + "\n";
  }
  void heading(const std::string& text, Colour colour) {
    if (!m_text.empty()) m_text += "\n";
    line(text, colour);
  }

  void failures() {
    const std::vector<FailureGroup> all = group_failures(m_record);
    std::vector<const FailureGroup*> tests, machine;
    for (const FailureGroup& each : all) (each.infrastructure.empty() ? tests : machine).push_back(&each);
    failure_groups("Failures", tests);
    failure_groups("Failures probably caused by the machine", machine);
  }

  void failure_groups(std::string_view title, const std::vector<const FailureGroup*>& groups) {
    if (groups.empty()) return;
    std::size_t cases = 0;
    for (const FailureGroup* group : groups) cases += group->cases.size();
    heading(fmt::format("{}: {} of {}", title, plural(cases, "case"), plural(groups.size(), "kind")), Colour::red);
    for (std::size_t i = 0; i < std::min(groups.size(), m_options.groups); ++i) failure_group(*groups[i]);
    more(groups.size(), m_options.groups, "kind", 2);
  }

  void failure_group(const FailureGroup& group) {
    const Outcome outcome = group.cases.front()->outcome();
    line(fmt::format("{:>5} x  {}: {}", group.cases.size(), results::name(outcome),
                     one_line(shorten(group.message, message_limit))));
    if (!group.where.empty()) line(fmt::format("         at {}", one_line(group.where)), Colour::grey);
    examples(group.cases);
  }

  void examples(const std::vector<const CaseResult*>& cases) {
    for (std::size_t i = 0; i < std::min(cases.size(), m_options.examples); ++i) {
      line(fmt::format("         {}", one_line(cases[i]->id)));
    }
    more(cases.size(), m_options.examples, "case", 9);
  }

  void not_run() {
    const std::vector<MessageGroup> groups = group_by_message(m_record, Outcome::not_run);
    if (groups.empty()) return;
    heading("Not run", Colour::yellow);
    for (std::size_t i = 0; i < std::min(groups.size(), list_limit); ++i) {
      line(fmt::format("{:>5} x  {}", groups[i].cases.size(), one_line(shorten(groups[i].message, message_limit))));
    }
    more(groups.size(), list_limit, "reason", 2);
  }

  void list(const std::string& title, const std::vector<std::string>& lines, Colour colour) {
    if (lines.empty()) return;
    heading(title, colour);
    for (std::size_t i = 0; i < std::min(lines.size(), list_limit); ++i) {
      line("  " + one_line(shorten(lines[i], message_limit)));
    }
    more(lines.size(), list_limit, "line", 2);
  }

  void flaky() {
    const std::vector<const CaseResult*> cases = flaky_cases(m_record);
    if (cases.empty()) return;
    heading(fmt::format("Flaky: {} passed only after another attempt", plural(cases.size(), "case")), Colour::yellow);
    for (std::size_t i = 0; i < std::min(cases.size(), list_limit); ++i) {
      const std::string why = results::reason(cases[i]->attempts.front());
      line(fmt::format("  {}  {}", one_line(cases[i]->id), one_line(shorten(why, message_limit))));
    }
    more(cases.size(), list_limit, "case", 2);
  }

  void slowest() {
    // Fast cases are not interesting here.
    const std::vector<const CaseResult*> cases = slowest_cases(m_record, m_options.slowest, 1);
    if (cases.empty()) return;
    heading("Slowest", Colour::bold);
    for (const CaseResult* each : cases) {
      line(fmt::format("{:>12}  {}", format_duration(Seconds{each->duration_s()}), one_line(each->id)));
    }
  }

  void rerun() {
    if (m_options.rerun.empty()) return;
    heading("Run the failures again", Colour::bold);
    line(m_options.rerun.size() > command_limit ? "  a long command, because many failed: report.html has it"
                                                : "  " + one_line(m_options.rerun));
  }

  void files() {
    if (m_options.files.empty()) return;
    heading("See also", Colour::bold);
    for (const std::string& file : m_options.files) line("  " + one_line(file));
  }

  void verdict() {
    if (m_options.comparison) heading(comparison_line(*m_options.comparison), Colour::none);
    const int code = m_record.exit_code();
    const Colour colour = code == 0 ? Colour::green : Colour::red;
    heading(fmt::format("{} in {}{}", totals_line(m_record), format_duration(Seconds{m_record.wall_s}), ending()),
            colour);
    if (const std::string incomplete = incomplete_line(m_record); !incomplete.empty()) line(incomplete, Colour::red);
  }

  std::string ending() const {
    if (m_record.interrupted_by != 0) return fmt::format("; interrupted by signal {}", m_record.interrupted_by);
    return m_record.finished ? "" : "; not finished";
  }

  static std::string plural(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
  }

  void more(std::size_t count, std::size_t shown, std::string_view noun, std::size_t indent) {
    if (count <= shown) return;
    line(fmt::format("{:{}}and {} more {}{}", "", indent, count - shown, noun, count - shown == 1 ? "" : "s"),
         Colour::grey);
  }

  const RunRecord& m_record;
  const SummaryOptions& m_options;
  std::string m_text;
};

}  // namespace

std::string format_summary(const RunRecord& record, const SummaryOptions& options) {
  return Summary(record, options).text();
}

std::string totals_line(const RunRecord& record) {
  const auto totals = record.totals();
  std::vector<std::string> parts;
  for (const std::string_view outcome : results::outcome_names) {
    const auto found = totals.find(std::string(outcome));
    if (found == totals.end() || found->second == 0) continue;
    std::string words(outcome);
    std::replace(words.begin(), words.end(), '_', ' ');
    parts.push_back(fmt::format("{} {}", found->second, words));
  }
  const std::size_t collected = record.cases.size();
  std::string line = fmt::format("{} {}", collected, collected == 1 ? "case" : "cases");
  if (!parts.empty()) line += ": " + join(parts, ", ");
  if (const auto flaky = totals.find("flaky"); flaky != totals.end() && flaky->second > 0) {
    line += fmt::format("; {} flaky", flaky->second);
  }
  return line;
}

std::string incomplete_line(const RunRecord& record) {
  const std::size_t over = record.over_budget();
  return over == 0 ? "" : fmt::format("incomplete: {} of {} over the budget", over, record.cases.size());
}

std::vector<std::string> failed_units(const RunRecord& record) {
  std::set<std::string> units;
  for (const CaseResult& each : record.cases) {
    if (!each.attempts.empty() && results::is_failure(each.outcome()))
      units.insert(each.unit.empty() ? each.id : each.unit);
  }
  return {units.begin(), units.end()};
}

}  // namespace spyre::report
