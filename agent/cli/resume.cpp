// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "agent/cli/command.hpp"
#include "agent/cli/terminal.hpp"
#include "agent/core/text.hpp"
#include "agent/execute/signals.hpp"
#include "agent/job/running.hpp"
#include "agent/job/source.hpp"
#include "agent/job/stack.hpp"
#include "agent/job/taken_cards.hpp"
#include "agent/report/stack_text.hpp"
#include "agent/results/record.hpp"
#include "agent/results/request.hpp"
#include "embedded/spyre_pipelines.hpp"

namespace spyre::cli {
namespace {

namespace fs = std::filesystem;

struct ResumeOptions {
  std::string run_dir, cards;
  bool skip_damaged = false;
};

std::string_view key_of(std::string_view setting) {
  return setting.substr(0, setting.find('='));
}

// Those of the run as far as they count: a secret, which is not written down, may be given again.
std::vector<std::string> settings_of(const results::RunRequest& request, const std::vector<std::string>& given) {
  std::vector<std::string> settings = request.settings;
  std::erase_if(settings, [&](const std::string& setting) {
    const bool is_given = std::ranges::find(given, key_of(setting), key_of) != given.end();
    return is_given || setting.starts_with("relay.");  // which is not told of what is resumed
  });
  settings.insert(settings.end(), given.begin(), given.end());
  return settings;
}

// The settings that the run was started with, and over them those that are given now.
Result<Session> session_of(const results::RunRequest& request, const Session& given) {
  Session session = given;
  session.config_file = given.config_file.empty() ? request.config_file : fs::absolute(given.config_file).string();
  // From there the run's relative paths are meant, and a spyre-ci.yaml may lie there. Not so on another machine.
  std::error_code missing;
  fs::current_path(request.folder, missing);
  session.settings = settings_of(request, given.settings);
  const std::optional<std::string> file =
      session.config_file.empty() ? std::nullopt : std::optional(session.config_file);
  TRY(session.config, load_config(pipelines::defaults, file, session.settings));
  return session;
}

// The very files of the run: its folder, or the commit that its revision was then.
job::SourceRequest source_of(const results::RunRequest& request) {
  if (!request.source.empty()) return {request.source, "", ""};
  return {"", request.repository, request.revision};
}

// What is to be said of the stack that was not said when the run was started.
Result<std::vector<std::string>> check_again(const results::Stack& now, const results::RunRequest& request) {
  TRY(std::vector<std::string> warnings, job::check_stack(now, request.strict_stack));
  if (now == request.stack) return std::vector<std::string>{};
  const bool is_known = request.stack != results::Stack{};  // older agents did not write it down
  if (is_known) warnings.push_back(report::changed_stack_line(request.stack, now));
  return warnings;
}

// What going on without damaged lines of the journal costs; nothing when there are none.
Result<std::vector<std::string>> skip_damaged(const fs::path& run_dir) {
  std::vector<std::string> warnings;
  if (!results::is_begun(run_dir)) return warnings;
  TRY(const results::Damage damage, results::drop_damaged_lines(run_dir));
  if (damage.lines.empty()) return warnings;
  std::vector<std::string> numbers;
  for (const std::size_t line : damage.lines) numbers.push_back(std::to_string(line));
  warnings.push_back(
      fmt::format("damaged lines of the journal are left out and kept in journal.damaged.jsonl: {}; results and "
                  "warnings that stood "
                  "there are lost, and the {} cases without a result are run",
                  shorten(join(numbers, ", "), 500), damage.cases));
  return warnings;
}

Result<int> resume(const ResumeOptions& options, const Session& given) {
  execute::hear_signals();
  TRY(const results::RunDirectory run_dir, results::RunDirectory::open(options.run_dir));
  TRY(const results::RunRequest request, results::read_request(run_dir.path()));
  std::vector<std::string> damage;
  if (options.skip_damaged) {
    TRY(damage, skip_damaged(run_dir.path()));
  }
  TRY(const plan::Plan plan, plan::read_plan(run_dir.path() / "plan.json"));
  TRY(const Session session, session_of(request, given));
  job::Execution execution;
  const std::string& spec = options.cards.empty() ? request.cards : options.cards;
  CHECK_OK(job::find_cards(spec));
  TRY(const execute::PythonVersions python, job::check_python(session.config));
  TRY(job::Source source, job::Source::open(source_of(request), session.config));
  TRY(execution.warnings, check_again(job::stack_of(python, source), request));
  execution.warnings.insert(execution.warnings.end(), damage.begin(), damage.end());
  TRY(execution.source, source.folder());
  TRY(job::TakenCards taken, job::TakenCards::take(spec, request.run_id, session.config));
  execution.cards = taken.cards();
  execution.keep_cards = [&taken] { return taken.keep(); };
  execution.run_dir = run_dir.path();
  execution.check_run_dir = [&run_dir] { return run_dir.check(); };
  execution.run_id = request.run_id;
  execution.shard = request.shard;
  execution.oot_configs = request.oot_configs;
  execution.resume = true;
  Terminal terminal(session);
  TRY(const results::RunRecord record, job::execute_plan(plan, execution, session, terminal));
  return job::finish_run(record, execution, session, terminal);
}

}  // namespace

void add_resume(Command program) {
  const auto options = std::make_shared<ResumeOptions>();
  Command command = program.add_command("resume", "Finish an interrupted run without repeating what is done");
  command.add_option("RUN_DIR", options->run_dir, "run directory").required();
  command.add_option("--cards", options->cards, "other cards than before: auto, cpu:N, env or vfio").type_name("SPEC");
  command.add_flag("--skip-damaged", options->skip_damaged,
                   "go on without lines of the journal that are damaged: what stood there is run again");
  command.footer(
      "Cases that have a result keep it; what was running, or never ran, is run. Processes that a killed agent left\n"
      "behind are ended first. Configuration and settings are those of the run, seen from the folder where it was\n"
      "started; a secret among them has to be given again with --set. Of a run with --budget, the rest has that time "
      "again.\n"
      "Example:\n"
      "  spyre-ci resume spyre-ci-runs/20261122-035500-1a2b3c4d");
  command.act([options](const Session& s) { return resume(*options, s); });
}

}  // namespace spyre::cli
