// SPDX-License-Identifier: Apache-2.0
// The main job: every stage of the flow in a row. Checks that cost nothing come first, so that a mistake shows at once.
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/cli/command.hpp"
#include "agent/cli/job_options.hpp"
#include "agent/cli/terminal.hpp"
#include "agent/core/files.hpp"
#include "agent/core/json.hpp"
#include "agent/core/log.hpp"
#include "agent/execute/signals.hpp"
#include "agent/job/artefacts.hpp"
#include "agent/job/planning.hpp"
#include "agent/job/relayed_run.hpp"
#include "agent/job/running.hpp"
#include "agent/job/selecting.hpp"
#include "agent/job/source.hpp"
#include "agent/job/stack.hpp"
#include "agent/job/taken_cards.hpp"
#include "agent/results/request.hpp"

namespace spyre::cli {
namespace {

struct RunOptions {
  job::SourceRequest source;
  job::SelectRequest selecting;
  job::PlanRequest planning;
  std::string cards = "cpu:1";
  std::string run_dir;
  bool strict_stack = false;
  job::RelayRequest relay;
};

results::RunRequest describe_request(const RunOptions& options, const job::Source& source,
                                     const job::Execution& execution, const Session& session) {
  results::RunRequest request = job::new_request(options.source, source.revision(), execution, session);
  request.stage = options.selecting.stage;
  request.fraction = options.selecting.fraction;
  request.only = options.selecting.only;
  request.limit = options.selecting.limit;
  request.budget = options.planning.budget;
  request.cards = options.cards;
  return request;
}

Result<int> carry_out(const RunOptions& options, const Session& session, job::RelayedRun& relayed) {
  CHECK_OK(job::find_cards(options.cards));
  TRY(const testsel::Scope rules, job::load_scope(session.config));
  TRY(const execute::PythonVersions python, job::check_python(session.config));
  TRY(job::Source source, job::Source::open(options.source, session.config));
  const testsel::Scope scope = job::settle_artefacts(rules, source.given_folder(), session.config);
  job::Execution execution;
  execution.stack = job::stack_of(python, source);
  execution.strict_stack = options.strict_stack;
  TRY(execution.warnings, job::check_stack(execution.stack, execution.strict_stack));
  TRY(const testsel::Inventory inventory, testsel::read_inventory(source.tree()));
  TRY(const testsel::Selection selection,
      job::make_selection(inventory, source.tree(), scope, options.selecting, session.config));
  log::info(job::describe(selection));
  execution.run_id = job::new_run_id();
  TRY(job::TakenCards taken, job::TakenCards::take(options.cards, execution.run_id, session.config));
  TRY(const plan::Plan plan,
      job::make_plan(selection, {static_cast<int>(taken.cards().size()), taken.cards().front().kind}, options.planning,
                     session.config));
  log::info(job::describe(plan));
  TRY(execution.source, source.folder());
  execution.oot_configs = options.selecting.notes.oot_configs;
  execution.cards = taken.cards();
  execution.keep_cards = [&taken] { return taken.keep(); };
  TRY(const results::RunDirectory run_dir, job::new_run_dir(options.run_dir, execution.run_id));
  execution.run_dir = run_dir.path();
  execution.check_run_dir = [&run_dir] { return run_dir.check(); };
  CHECK_OK(write_file(execution.run_dir / "selection.json", dump_json_pretty(testsel::to_json(selection))));
  CHECK_OK(write_file(execution.run_dir / "plan.json", dump_json_pretty(plan::to_json(plan))));
  // The last one: where it stands, the run can be resumed.
  CHECK_OK(results::write_request(describe_request(options, source, execution, session), execution.run_dir));
  execution.observer = relayed.observer();
  Terminal terminal(session);
  TRY(const results::RunRecord record, job::execute_plan(plan, execution, session, terminal));
  Result<int> code = job::finish_run(record, execution, session, terminal);
  relayed.completed(record);
  return code;
}

Result<int> run(const RunOptions& options, const Session& session) {
  execute::hear_signals();
  TRY(job::RelayedRun relayed, job::RelayedRun::prepare(options.relay, session.config));
  Result<int> code = carry_out(options, session, relayed);
  if (!code) relayed.failed(code.error());
  return code;
}

}  // namespace

void add_run(Command program) {
  const auto options = std::make_shared<RunOptions>();
  Command command = program.add_command("run", "The main job: from a revision to a result");
  add_source_options(command, options->source);
  add_selecting_options(command, options->selecting);
  add_planning_options(command, options->planning);
  command.add_option("--cards", options->cards, "cards: auto, cpu:N, env or vfio").type_name("SPEC").show_default();
  command.add_option("--run-dir", options->run_dir, "folder for everything the run writes; default: spyre-ci-runs/<id>")
      .type_name("DIR");
  add_strict_stack_option(command, options->strict_stack);
  add_relayed_run_options(command, options->relay);
  command.footer(
      "With --relay-dispatch the relay is told when tests start and how they ended; see `spyre-ci relay send --help`.\n"
      "When the time of --budget is over, cases that run end within their own limits, and what has not begun is not "
      "run.\n"
      "Exit codes: 0 all passed, 1 some failed or over the budget, 2 wrong use, 3 something could not be run,\n"
      "4 nothing selected, 130 and 143 interrupted by SIGINT or SIGTERM.\n"
      "Examples:\n"
      "  spyre-ci run --rev main --stage 1 --cards auto --run-dir out\n"
      "  spyre-ci run --repo ~/pytorch --rev main --stage 1 --cards cpu:2 --budget 3m\n"
      "  spyre-ci run --source ~/pytorch --fraction 1 --only test/test_torch.py --cards cpu:2");
  command.act([options](const Session& s) { return run(*options, s); });
}

}  // namespace spyre::cli
