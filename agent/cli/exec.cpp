// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/cli/command.hpp"
#include "agent/cli/job_options.hpp"
#include "agent/cli/terminal.hpp"
#include "agent/core/files.hpp"
#include "agent/core/json.hpp"
#include "agent/execute/signals.hpp"
#include "agent/job/running.hpp"
#include "agent/job/source.hpp"
#include "agent/job/stack.hpp"
#include "agent/job/taken_cards.hpp"

namespace spyre::cli {
namespace {

struct ExecOptions {
  job::SourceRequest source;
  std::string plan, run_dir, cards = "cpu:1";
  int shard = 0;
  bool strict_stack = false;
};

// A plan is for one revision; on another its tests may not be what they were.
Result<void> check_revision(const plan::Plan& plan, const job::Source& source) {
  if (plan.revision.empty() || source.revision().empty() || plan.revision == source.revision()) return {};
  return fail(ErrorKind::usage,
              fmt::format("the plan is for revision {}, not for {}", plan.revision, source.revision()),
              "give --rev with the plan's revision, or make a new plan");
}

// What `resume` needs to finish the shard.
Result<void> write_documents(const plan::Plan& plan, const ExecOptions& options, const job::Source& source,
                             const job::Execution& execution, const Session& session) {
  results::RunRequest request = job::new_request(options.source, source.revision(), execution, session);
  request.stage = plan.stage;
  request.cards = options.cards;
  CHECK_OK(write_file(execution.run_dir / "plan.json", dump_json_pretty(plan::to_json(plan))));
  return results::write_request(request, execution.run_dir);
}

Result<int> exec(const ExecOptions& options, const Session& session) {
  execute::hear_signals();
  TRY(const plan::Plan plan, plan::read_plan(options.plan));
  CHECK_OK(job::find_cards(options.cards));
  TRY(const execute::PythonVersions python, job::check_python(session.config));
  job::SourceRequest wanted = options.source;
  if (wanted.source.empty() && wanted.rev.empty()) wanted.rev = plan.revision;
  TRY(job::Source source, job::Source::open(wanted, session.config));
  CHECK_OK(check_revision(plan, source));
  job::Execution execution;
  execution.stack = job::stack_of(python, source);
  execution.strict_stack = options.strict_stack;
  TRY(execution.warnings, job::check_stack(execution.stack, execution.strict_stack));
  TRY(execution.source, source.folder());
  execution.run_id = job::new_run_id();
  TRY(job::TakenCards taken, job::TakenCards::take(options.cards, execution.run_id, session.config));
  TRY(const results::RunDirectory run_dir, job::new_run_dir(options.run_dir, execution.run_id));
  execution.run_dir = run_dir.path();
  execution.check_run_dir = [&run_dir] { return run_dir.check(); };
  execution.cards = taken.cards();
  execution.keep_cards = [&taken] { return taken.keep(); };
  execution.shard = options.shard;
  CHECK_OK(write_documents(plan, options, source, execution, session));
  Terminal terminal(session);
  TRY(const results::RunRecord record, job::execute_plan(plan, execution, session, terminal));
  return job::finish_run(record, execution, session, terminal);
}

}  // namespace

void add_exec(Command program) {
  const auto options = std::make_shared<ExecOptions>();
  Command command = program.add_command("exec", "Run one shard of a plan, in a Jenkins branch or a pod");
  add_source_options(command, options->source);
  command.add_option("--plan", options->plan, "plan, as `plan` writes it").type_name("FILE").required();
  command.add_option("--shard", options->shard, "index of the shard, from 0").type_name("K").required().not_negative();
  command.add_option("--run-dir", options->run_dir, "folder for everything the shard writes")
      .type_name("DIR")
      .required();
  command.add_option("--cards", options->cards, "cards of this shard: auto, cpu:N, env or vfio")
      .type_name("SPEC")
      .show_default();
  add_strict_stack_option(command, options->strict_stack);
  command.footer(
      "The same plan and shard always run the same tests, on whatever machine. When the plan was made with --budget, "
      "the\n"
      "shard begins nothing new after that time.\n"
      "Examples:\n"
      "  spyre-ci exec --plan plan.json --shard 0 --run-dir shard-0 --cards env\n"
      "  spyre-ci exec --plan plan.json --shard 3 --source ~/pytorch --run-dir shard-3");
  command.act([options](const Session& s) { return exec(*options, s); });
}

}  // namespace spyre::cli
