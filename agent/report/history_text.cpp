// SPDX-License-Identifier: Apache-2.0
#include "agent/report/history_text.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/core/utc.hpp"
#include "agent/report/text_table.hpp"

namespace spyre::report {
namespace {

using Align = TextTable::Align;

std::string seconds_text(double seconds) {
  return format_duration(Seconds{seconds});
}
std::string percent(double share) {
  return fmt::format("{:.1f} %", share * 100);
}
std::string minute_of(std::int64_t milliseconds) {
  std::string text = format_utc(SystemTime{std::chrono::milliseconds{milliseconds}}).substr(0, 16);
  std::replace(text.begin(), text.end(), 'T', ' ');
  return text;
}

// Return the file, class or test of a unit.
std::string_view part_of(std::string_view unit, DurationLevel level) {
  if (level == DurationLevel::file) return unit.substr(0, unit.find("::"));
  if (level == DurationLevel::klass) return unit.substr(0, unit.rfind("::"));
  return unit;
}

std::string and_more(std::size_t count, std::size_t shown) {
  return count > shown ? fmt::format("and {} more\n", count - shown) : std::string{};
}

}  // namespace

Result<DurationLevel> parse_duration_level(std::string_view text) {
  const std::vector<std::string> names{"file", "class", "test", "case"};
  const auto found = std::find(names.begin(), names.end(), text);
  if (found != names.end()) return static_cast<DurationLevel>(found - names.begin());
  return fail(ErrorKind::usage, fmt::format("unknown level '{}'{}", shorten(text, 50), did_you_mean(text, names)),
              "give file, class, test or case");
}

std::vector<DurationRow> duration_rows(const history::KnownDurations& known, DurationLevel level) {
  std::map<std::string, DurationRow, std::less<>> sums;
  const auto add = [&](std::string_view name, double seconds, std::size_t cases) {
    auto found = sums.find(name);
    if (found == sums.end()) found = sums.emplace(name, DurationRow{std::string(name), 0, 0}).first;
    found->second.seconds += seconds;
    found->second.cases += cases;
  };
  for (const auto& [unit, cases] : known.cases) {
    for (const history::CaseDuration& each : cases) {
      add(level == DurationLevel::test_case ? each.id : part_of(unit, level), each.seconds, 1);
    }
  }
  if (level == DurationLevel::file) {
    for (const auto& [file, seconds] : known.imports) add(file, seconds, 0);
  }
  std::vector<DurationRow> rows;
  rows.reserve(sums.size());
  for (auto& [name, row] : sums) rows.push_back(std::move(row));
  std::stable_sort(rows.begin(), rows.end(),
                   [](const DurationRow& a, const DurationRow& b) { return a.seconds > b.seconds; });
  return rows;
}

std::string format_durations(const std::vector<DurationRow>& rows, std::size_t limit) {
  if (rows.empty()) return "the history has no durations yet\n";
  TextTable table({{"time", Align::right}, {"cases", Align::right}, {"name"}});
  const std::size_t shown = std::min(rows.size(), limit);
  for (std::size_t i = 0; i < shown; ++i) {
    table.add({seconds_text(rows[i].seconds), std::to_string(rows[i].cases), rows[i].name});
  }
  return table.text() + and_more(rows.size(), shown);
}

std::string format_flakiness(const history::Flakiness& flakiness, std::size_t limit) {
  TextTable table({{""}, {"failed", Align::right}, {"runs", Align::right}, {"rate at least", Align::right}, {"case"}});
  const std::size_t shown = std::min(flakiness.cases.size(), limit);
  for (std::size_t i = 0; i < shown; ++i) {
    const history::FlakyCase& each = flakiness.cases[i];
    table.add({each.flaky ? "flaky" : "suspected", fmt::format("{} of {}", each.failures, each.trials),
               std::to_string(each.flips), percent(each.rate.low), each.id});
  }
  std::string out = table.text() + and_more(flakiness.cases.size(), shown);
  const auto list = [&](const char* title, const std::vector<std::string>& ids) {
    if (ids.empty()) return;
    out += fmt::format("\n{}\n", title);
    for (const std::string& id : ids) out += "  " + one_line(id) + "\n";
  };
  list("Suggested for quarantine", flakiness.quarantine);
  list("Suggested for release from quarantine", flakiness.release);
  if (!out.empty()) out += "\n";
  return out + fmt::format("{} of {} tests are flaky: {}, the goal is below {}; {} runs\n", flakiness.flaky_tests,
                           flakiness.tests, percent(flakiness.share()), percent(flakiness.goal), flakiness.runs);
}

std::string format_trend(const std::vector<history::TrendPoint>& points) {
  if (points.empty()) return "the history has no such runs\n";
  TextTable table({{"time"},
                   {"stage"},
                   {"runs", Align::right},
                   {"tests", Align::right},
                   {"cases", Align::right},
                   {"pass rate", Align::right},
                   {"failures", Align::right},
                   {"not run", Align::right},
                   {"flaky", Align::right},
                   {"took", Align::right},
                   {"revision"}});
  for (const history::TrendPoint& point : points) {
    table.add({minute_of(point.time), point.stage, std::to_string(point.runs), std::to_string(point.tests),
               std::to_string(point.cases), percent(point.pass_rate()), std::to_string(point.failures),
               std::to_string(point.not_run), percent(point.flaky_share()), seconds_text(point.wall_s),
               point.revision.substr(0, 12)});
  }
  return table.text();
}

std::string format_case_histories(const std::vector<history::CaseHistory>& histories) {
  std::string out;
  for (const history::CaseHistory& history : histories) {
    if (!out.empty()) out += "\n";
    out += one_line(history.id) + (history.gone ? "  (gone)" : "") + "\n";
    TextTable runs(
        {{"started"}, {"outcome"}, {"time", Align::right}, {"tries", Align::right}, {"revision"}, {"message"}});
    for (const history::CaseRun& run : history.runs) {
      runs.add({minute_of(run.started), std::string(results::name(run.outcome)), seconds_text(run.seconds),
                std::to_string(run.attempts), run.revision.substr(0, 12), run.message});
    }
    TextTable months({{"month"},
                      {"runs", Align::right},
                      {"passed", Align::right},
                      {"failed", Align::right},
                      {"flaky", Align::right}});
    for (const history::CaseMonth& month : history.months) {
      months.add({fmt::format("{}-{:02}", month.month / 100, month.month % 100), std::to_string(month.runs),
                  std::to_string(month.passed), std::to_string(month.failed), std::to_string(month.flaky)});
    }
    out += runs.text() + months.text();
  }
  return out;
}

}  // namespace spyre::report
