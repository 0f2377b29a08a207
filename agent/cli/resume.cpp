// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <memory>
#include <optional>

#include "agent/cli/command.hpp"
#include "agent/cli/terminal.hpp"
#include "agent/execute/signals.hpp"
#include "agent/job/job.hpp"
#include "embedded/spyre_pipelines.hpp"

namespace spyre::cli {
namespace {

namespace fs = std::filesystem;

struct ResumeOptions {
  std::string run_dir;
  job::ResumeRequest request;
};

// The settings of the run, overridden by those given now.
Result<Session> session_of(const job::Resumption& run, const Session& given) {
  Session session = given;
  const results::RunRequest& request = run.request();
  session.config_file =
      given.config_file.empty() ? request.config_file : (given.directory / given.config_file).string();
  // The run's relative paths refer to that directory, and it may contain a spyre-ci.yaml. It is missing on another
  // machine.
  std::error_code missing;
  fs::current_path(request.directory, missing);
  if (!missing) session.directory = request.directory;
  session.settings = run.settings(given.settings);
  const std::optional<std::string> file =
      session.config_file.empty() ? std::nullopt : std::optional(session.config_file);
  TRY(session.config, load_config(pipelines::defaults, file, session.settings));
  return session;
}

Result<int> resume(const ResumeOptions& options, const Session& given) {
  execute::restore_default_signal_handlers();
  TRY(const job::Resumption run, job::Resumption::open(options.run_dir));
  TRY(const Session session, session_of(run, given));
  Terminal terminal(session);
  TRY(const job::JobResult result, run.finish(options.request, session, terminal));
  return result.record.exit_code();
}

}  // namespace

void add_resume(Command program) {
  const auto options = std::make_shared<ResumeOptions>();
  Command command = program.add_command("resume", "Finish an interrupted run without repeating finished cases");
  command.add_option("RUN_DIR", options->run_dir, "run directory").required();
  command.add_option("--cards", options->request.cards, "cards, instead of those of the run: auto, cpu:N, env or vfio")
      .type_name("SPEC");
  command.add_flag("--skip-damaged", options->request.skip_damaged,
                   "ignore damaged lines of the journal: their cases are run again");
  command.footer(
      "Finished cases keep their result; all other cases are run. Processes that a killed agent left behind are\n"
      "stopped first. Configuration and settings are those of the run, relative to the directory where it was\n"
      "started; secrets must be given again with --set. For a run with --budget, the remaining tests have that time "
      "again.\n"
      "Example:\n"
      "  spyre-ci resume spyre-ci-runs/20261122-035500-1a2b3c4d");
  command.act([options](const Session& s) { return resume(*options, s); });
}

}  // namespace spyre::cli
