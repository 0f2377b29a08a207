// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/cli/command.hpp"
#include "agent/core/clock.hpp"
#include "agent/core/files.hpp"
#include "agent/core/log.hpp"
#include "agent/core/text.hpp"
#include "agent/history/store.hpp"
#include "agent/history/trend.hpp"
#include "agent/job/directories.hpp"
#include "agent/job/test_notes.hpp"
#include "agent/report/history_text.hpp"
#include "agent/report/plot.hpp"
#include "agent/results/record.hpp"

namespace spyre::cli {
namespace {

struct HistoryOptions {
  std::vector<std::string> run_dirs;
  std::string by = "test", step = "day", card_kind, stage, since, svg, test, older_than = "90d";
  std::size_t limit = 50, runs = 100;
  double goal = 0.05;
};

Result<history::Store> open_history(const Session& session) {
  TRY(const std::string url, job::history_url(session.config));
  return history::Store::open(url);
}

// Return the time `age` ago, in milliseconds since 1970.
Result<std::int64_t> moment_before_now(const std::string& duration) {
  TRY(const Seconds ago, parse_duration(duration));
  const Seconds now = SystemClock{}.system().time_since_epoch();
  return static_cast<std::int64_t>((now - ago).count() * 1000);
}

Result<history::RunFilter> filter_of(const HistoryOptions& options) {
  history::RunFilter filter;
  filter.latest = options.runs;
  if (!options.stage.empty()) filter.stage = options.stage;
  if (!options.since.empty()) {
    TRY(filter.since, moment_before_now(options.since));
  }
  return filter;
}

Result<int> import_runs(const HistoryOptions& options, const Session& session) {
  TRY(history::Store store, open_history(session));
  nlohmann::json imported = nlohmann::json::array();
  std::string text;
  for (const std::string& run_dir : options.run_dirs) {
    TRY(const results::RunRecord record, results::read_record(run_dir));
    TRY(const bool added, store.import(record));
    imported.push_back({{"run_id", record.run_id}, {"added", added}});
    text += fmt::format("{} {}\n", record.run_id, added ? "added" : "is there already");
  }
  session.print({{"imported", imported}}, text);
  return 0;
}

Result<int> print_durations(const HistoryOptions& options, const Session& session) {
  TRY(const history::Store store, open_history(session));
  TRY(const history::KnownDurations known, store.durations(options.card_kind));
  TRY(const report::DurationLevel level, report::parse_duration_level(options.by));
  session.print(history::to_json(known), report::format_durations(report::duration_rows(known, level), options.limit));
  return 0;
}

Result<int> print_flaky(const HistoryOptions& options, const Session& session) {
  TRY(const history::Store store, open_history(session));
  history::FlakyOptions flaky;
  TRY(flaky.runs, filter_of(options));
  flaky.goal = options.goal;
  TRY(const auto quarantine, job::load_quarantine(session.config));
  const auto is_quarantined = [&quarantine](const std::string& test) {
    return std::ranges::any_of(quarantine, [&](const auto& entry) { return testsel::covers(entry, test); });
  };
  TRY(const history::Flakiness found, store.flakiness(flaky, is_quarantined));
  session.print(history::to_json(found), report::format_flakiness(found, options.limit));
  return 0;
}

Result<int> print_trend(const HistoryOptions& options, const Session& session) {
  TRY(const history::Store store, open_history(session));
  TRY(const history::Step step, history::parse_step(options.step));
  TRY(const history::RunFilter filter, filter_of(options));
  TRY(const auto runs, store.runs(filter));
  const std::vector<history::TrendPoint> points = history::trend(runs, step);
  if (!options.svg.empty()) {
    const std::string plot = report::trend_plot(points);
    if (plot.empty()) return fail(ErrorKind::nothing_selected, "there are no runs to draw", "run something first");
    CHECK_OK(write_output(options.svg, plot));
  }
  session.print(history::to_json(points, step), report::format_trend(points));
  return 0;
}

Result<int> show_test(const HistoryOptions& options, const Session& session) {
  TRY(const history::Store store, open_history(session));
  TRY(const std::vector<history::CaseHistory> found, store.show(options.test, options.runs));
  if (!options.svg.empty()) CHECK_OK(write_output(options.svg, report::history_plot(found.front())));
  session.print(history::to_json(found), report::format_case_histories(found));
  return 0;
}

Result<int> prune(const HistoryOptions& options, const Session& session) {
  TRY(const std::int64_t before, moment_before_now(options.older_than));
  TRY(history::Store store, open_history(session));
  TRY(const history::Pruned pruned, store.prune(before));
  session.print({{"runs", pruned.runs}, {"attempts", pruned.attempts}},
                fmt::format("{} attempts of {} runs are gone; totals, estimates and a line a month are kept\n",
                            pruned.attempts, pruned.runs));
  return 0;
}

using Query = Result<int> (*)(const HistoryOptions&, const Session&);

Command add_one(Command history, const char* name, const char* what, Query query,
                const std::shared_ptr<HistoryOptions>& options) {
  Command one = history.add_command(name, what);
  one.act([query, options](const Session& session) { return query(*options, session); });
  return one;
}

void add_filter(Command command, HistoryOptions& options) {
  command.add_option("--stage", options.stage, "only runs of this stage").type_name("ID");
  command.add_option("--since", options.since, "only runs newer than TIME: 30d, 12h").type_name("TIME");
  command.add_option("--runs", options.runs, "number of latest runs to use").type_name("N").show_default();
}

void add_limit(Command command, HistoryOptions& options) {
  command.add_option("--limit", options.limit, "maximum lines of the text output").type_name("N").show_default();
}

}  // namespace

void add_history(Command program) {
  Command history = program.add_command("history", "The history of earlier runs");
  const auto options = std::make_shared<HistoryOptions>();
  const auto add = [&](const char* name, const char* what, Query query) {
    return add_one(history, name, what, query, options);
  };
  add("import", "Add runs; existing runs are left unchanged", import_runs)
      .add_option("RUN_DIR", options->run_dirs, "run directories")
      .required();

  Command durations = add("durations", "Durations of tests, slowest first", print_durations);
  durations.add_option("--by", options->by, "file, class, test or case").type_name("LEVEL").show_default();
  durations.add_option("--card-kind", options->card_kind, "durations on these cards, where known: spyre, cpu")
      .type_name("KIND");
  add_limit(durations, *options);

  Command flaky = add("flaky", "Tests that both pass and fail on the same revision, with enough evidence", print_flaky);
  flaky.add_option("--goal", options->goal, "acceptable share of flaky tests").show_default();
  add_filter(flaky, *options);
  add_limit(flaky, *options);

  Command trend = add("trend", "Pass rate, flaky share, duration and enabled tests over time", print_trend);
  trend.add_option("--step", options->step, "run, day or week").type_name("STEP").show_default();
  trend.add_option("--svg", options->svg, "write a plot to this file").type_name("FILE");
  add_filter(trend, *options);

  Command show = add("show", "The results of one test, or of one case, run by run", show_test);
  show.add_option("TEST", options->test, "id of a test or a case").required();
  show.add_option("--runs", options->runs, "maximum number of runs").type_name("N").show_default();
  show.add_option("--svg", options->svg, "write a plot to this file").type_name("FILE");

  add("prune", "Delete results of old runs; totals and estimates are kept", prune)
      .add_option("--older-than", options->older_than, "only runs older than TIME")
      .type_name("TIME")
      .show_default();

  history.footer(
      "`run` adds its result; `import` adds runs of other machines, such as the shards of a Jenkins build.\n"
      "Examples:\n"
      "  spyre-ci history import shard-*\n"
      "  spyre-ci history durations --by file --limit 20\n"
      "  spyre-ci history durations --json >durations.json     # for `plan --durations` elsewhere\n"
      "  spyre-ci history flaky --since 30d\n"
      "  spyre-ci history trend --step week --svg trend.svg\n"
      "  spyre-ci history show test/test_torch.py::TestTorch::test_dir");
}

}  // namespace spyre::cli
