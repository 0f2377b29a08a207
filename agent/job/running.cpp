// SPDX-License-Identifier: Apache-2.0
#include "agent/job/running.hpp"

#include <algorithm>
#include <unordered_map>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "agent/cards/environment.hpp"
#include "agent/cards/health.hpp"
#include "agent/core/files.hpp"
#include "agent/core/hash.hpp"
#include "agent/core/json.hpp"
#include "agent/core/log.hpp"
#include "agent/execute/observers.hpp"
#include "agent/execute/process.hpp"
#include "agent/execute/run.hpp"
#include "agent/history/store.hpp"
#include "agent/job/earlier.hpp"
#include "agent/job/planning.hpp"
#include "agent/job/run_history.hpp"
#include "agent/job/taken_cards.hpp"
#include "agent/report/html.hpp"
#include "agent/report/summary.hpp"
#include "embedded/spyre_pipelines.hpp"
#include "testsel/oot_document.hpp"

namespace spyre::job {
namespace {

namespace fs = std::filesystem;

// A case that took a moment so far and takes a minute now hangs; one that nobody has timed gets the whole limit.
std::function<Seconds(const std::string&)> case_limits(const Config& config, const std::string& card_kind) {
  if (config.execute.case_factor == 0) return {};
  const auto known = known_durations(config, card_kind);
  if (!known) return {};
  std::unordered_map<std::string, Seconds> limits;
  for (const auto& [unit, cases] : known->cases) {
    for (const history::CaseDuration& one : cases) {
      const Seconds usual{one.seconds * static_cast<double>(config.execute.case_factor)};
      limits.emplace(one.id, std::clamp(usual, std::min(config.execute.case_floor, config.execute.case_timeout),
                                        config.execute.case_timeout));
    }
  }
  return [limits = std::move(limits), longest = config.execute.case_timeout](const std::string& id) {
    const auto found = limits.find(id);
    return found == limits.end() ? longest : found->second;
  };
}

Result<execute::SerialRules> serial_rules(const Config& config) {
  const std::string& file = config.execute.serial;
  if (file.empty()) return execute::SerialRules::parse(pipelines::serial, "serial.yaml");
  TRY(const std::string text, read_file(file));
  return execute::SerialRules::parse(text, file);
}

// torch-spyre's plugin reads one configuration: RUN_DIR/oot-config.yaml, also when the run is resumed.
Result<cards::Variables> known_to_profiles(const Execution& execution) {
  cards::Variables known{{"TORCH_ROOT", execution.source.string()}};
  if (execution.oot_configs.empty()) return known;
  const fs::path merged = execution.run_dir / "oot-config.yaml";
  if (std::error_code error; !fs::exists(merged, error)) {
    const std::vector<fs::path> paths(execution.oot_configs.begin(), execution.oot_configs.end());
    TRY(const std::string text, testsel::merged_oot_document(paths));
    CHECK_OK(write_file(merged, text));
  }
  known["PYTORCH_TEST_CONFIG"] = merged.string();
  return known;
}

Result<execute::RunOptions> run_options(const Execution& execution, const Setup& setup) {
  const cards::Machine machine = cards::Machine::here();
  execute::RunOptions options;
  options.execute = setup.config.execute;
  options.python = setup.config.python;
  for (std::string& folder : options.python.path) folder = fs::absolute(folder).lexically_normal().string();
  options.source = execution.source;
  options.run_dir = execution.run_dir;
  options.cards = execution.cards;
  options.topology = cards::read_topology(execution.cards, machine);
  options.run_id = execution.run_id;
  options.environment = machine.environment;
  TRY(options.serial, serial_rules(setup.config));
  options.card_settings.quarantine = setup.config.cards.quarantine;
  options.card_settings.release_timeout = setup.config.cards.release_timeout;
  options.card_settings.most_lost = static_cast<std::size_t>(setup.config.cards.most_lost);
  options.is_released = [machine](const cards::Card& card) { return cards::holders(card, machine).empty(); };
  options.keep_cards = execution.keep_cards;
  options.check_run_dir = execution.check_run_dir;
  options.junit_tags = setup.config.junit.tags;
  options.case_limit = case_limits(setup.config, execution.cards.front().kind);
  options.warnings = execution.warnings;
  TRY(const cards::Variables known, known_to_profiles(execution));
  TRY(ExpandedProfile profile, profile_of(execution.cards, known, setup.config));
  for (const std::string& entry : profile.all.left_out) options.warnings.push_back("not given to tests: " + entry);
  for (const std::string& name : profile.capabilities) {
    const auto number = execute::capability_of(name);
    if (!number) {
      return fail(ErrorKind::config, fmt::format("a profile keeps '{}', which workers do not lose", name),
                  "of those that they lose: CAP_SYS_PTRACE, CAP_PERFMON, CAP_SYS_ADMIN");
    }
    options.keep_capabilities.push_back(*number);
  }
  cards::WorkerSettings settings;
  settings.cards = execution.cards.size();
  settings.set = std::move(profile.all.variables);
  settings.cache = (execution.run_dir / "cache").string();
  options.card_environment = [machine, settings](const std::vector<cards::Card>& gang) {
    return cards::worker_environment(gang, machine, settings);
  };
  options.file_environment = [files = std::move(profile.files)](const std::string& file) {
    return cards::variables_of(files, file);
  };
  options.shard = execution.shard;
  options.resume = execution.resume;
  return options;
}

Result<void> add_to_history(const results::RunRecord& record, const Config& config) {
  TRY(history::Store store, open_run_history(config));
  CHECK_OK(store.import(record));
  return {};
}

// A disk that is full when a run has begun is nobody's wrong use: results are missing.
Error met_by_a_run(Error error) {
  if (error.kind != ErrorKind::io) return error;
  error.kind = ErrorKind::infra;
  if (error.hint.empty()) error.hint = "make room, then finish the run with `spyre-ci resume`";
  return error;
}

Result<void> write_summary(const results::RunRecord& record, const fs::path& run_dir) {
  return write_file(run_dir / "summary.json", dump_json_pretty(results::summary(record)));
}

JobResult result_of(const results::RunRecord& record, const fs::path& run_dir) {
  JobResult result{record, run_dir, {"summary.json"}, {}, {}};
  const std::vector<std::string> failed = report::failed_units(record);
  const auto request = results::read_request(run_dir);
  if (request && !failed.empty()) result.rerun = results::rerun_command(*request, failed);
  return result;
}

Result<void> write_page(const JobResult& result, const Earlier& earlier) {
  report::HtmlOptions html;
  if (const auto request = results::read_request(result.run_dir)) html.build_url = results::build_url(request->build);
  html.rerun = result.rerun;
  html.comparison = earlier.comparison;
  html.histories = earlier.histories;
  CHECK_OK(report::write_html(result.record, result.run_dir, html));
  return {};
}

// Whoever interrupts a run kills it soon: the summary comes first, the other documents as far as there is time. The
// history, which others may keep locked, gets the run when it is resumed.
Result<int> finish_soon(const results::RunRecord& record, const fs::path& run_dir, Watcher& watcher) {
  constexpr Seconds time{1};
  const SystemClock clock;
  const SteadyTime began = clock.steady();
  CHECK_OK(write_summary(record, run_dir));
  const JobResult result = result_of(record, run_dir);
  watcher.finished(result);
  if (clock.steady() - began < time) {
    CHECK_OK(write_page(result, {}));
  } else {
    log::info(fmt::format("no time for report.html: `spyre-ci report {}` makes it", run_dir.string()));
  }
  log::info(fmt::format("interrupted: `spyre-ci resume {}` runs the rest", run_dir.string()));
  return record.exit_code();
}

}  // namespace

// "20261122-035500-1a2b3c4d": readable, in order of time, and not the same twice.
std::string new_run_id() {
  const SystemTime now = SystemClock{}.system();
  const std::string unique = fmt::format("{}-{}", now.time_since_epoch().count(), ::getpid());
  return fmt::format("{:%Y%m%d-%H%M%S}-{}", fmt::gmtime(std::chrono::system_clock::to_time_t(now)),
                     hex(stable_hash(unique)).substr(0, 8));
}

Result<results::RunDirectory> new_run_dir(const std::string& asked, const std::string& run_id) {
  return results::RunDirectory::create(asked.empty() ? fs::path("spyre-ci-runs") / run_id : fs::path(asked));
}

results::RunRequest new_request(const SourceRequest& source, const std::string& revision, const Execution& execution,
                                const Setup& setup) {
  results::RunRequest request;
  request.run_id = execution.run_id;
  request.started = format_utc(SystemClock{}.system());
  // Absolute: `resume` may be called from anywhere.
  if (!source.source.empty()) request.source = fs::absolute(source.source).lexically_normal().string();
  request.repository = source.repo;
  request.asked_revision = source.rev;
  request.revision = revision;
  request.shard = execution.shard;
  for (const std::string& config : execution.oot_configs) {
    request.oot_configs.push_back(fs::absolute(config).lexically_normal().string());
  }
  request.stack = execution.stack;
  request.strict_stack = execution.strict_stack;
  request.folder = fs::current_path().string();
  request.config_file = setup.config_file;
  request.settings = setup.settings;
  request.build = results::build_identity(cards::Machine::here().environment);
  return request;
}

Result<execute::PythonVersions> check_python(const Config& config) {
  return execute::check_python(config.execute, config.python, cards::Machine::here().environment);
}

Result<results::RunRecord> execute_plan(const plan::Plan& plan, const Execution& execution, const Setup& setup,
                                        Watcher& watcher) {
  const DirectoryTree tree(execution.source);
  const SystemClock clock;
  TRY(const execute::RunOptions options, run_options(execution, setup));
  // Whatever came before may have taken long.
  if (execution.keep_cards) CHECK_OK(execution.keep_cards());
  const std::unique_ptr<execute::Observer> live = watcher.follow(plan, clock);
  std::vector<execute::Observer*> watching;
  if (live) watching.push_back(live.get());
  if (execution.observer != nullptr) watching.push_back(execution.observer);
  execute::Observers observers(std::move(watching));
  return execute::run_plan(plan, options, tree, clock, observers).map_error(met_by_a_run);
}

Result<int> report_result(const results::RunRecord& record, const fs::path& run_dir, const Setup& setup,
                          Watcher& watcher) {
  CHECK_OK(write_summary(record, run_dir));
  const Earlier earlier = look_back(record, setup.config);
  JobResult result = result_of(record, run_dir);
  CHECK_OK(write_page(result, earlier));
  result.documents = {"report.html", "summary.json"};
  result.comparison = earlier.comparison;
  watcher.finished(result);
  return record.exit_code();
}

Result<int> finish_run(const results::RunRecord& record, const Execution& execution, const Setup& setup,
                       Watcher& watcher) {
  if (execution.check_run_dir) CHECK_OK(execution.check_run_dir());
  if (record.interrupted_by != 0) return finish_soon(record, execution.run_dir, watcher).map_error(met_by_a_run);
  TRY(const int code, report_result(record, execution.run_dir, setup, watcher).map_error(met_by_a_run));
  if (const auto added = add_to_history(record, setup.config); !added) {
    warn_without_history(
        fmt::format("the run is not in the history; `spyre-ci history import {}` adds it", execution.run_dir.string()),
        added.error());
  }
  return code;
}

}  // namespace spyre::job
