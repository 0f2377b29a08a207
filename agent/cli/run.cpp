// SPDX-License-Identifier: Apache-2.0
// The main job: runs all stages of the flow.
#include <memory>

#include "agent/cli/command.hpp"
#include "agent/cli/input.hpp"
#include "agent/cli/job_options.hpp"
#include "agent/cli/terminal.hpp"
#include "agent/execute/signals.hpp"
#include "agent/job/job.hpp"

namespace spyre::cli {
namespace {

Result<int> run(job::JobRequest request, const Session& session) {
  execute::restore_default_signal_handlers();
  if (!request.relay.origin.empty()) {
    TRY(request.relay.dispatch, read_input(request.relay.origin));
  }
  Terminal terminal(session);
  TRY(const job::JobResult result, job::run(request, session, terminal));
  return result.record.exit_code();
}

}  // namespace

void add_run(Command program) {
  const auto request = std::make_shared<job::JobRequest>();
  Command command = program.add_command("run", "Run tests of a revision and record the result");
  add_source_options(command, request->source);
  add_selecting_options(command, request->select);
  add_planning_options(command, request->plan);
  command.add_option("--cards", request->cards, "cards: auto, cpu:N, env or vfio").type_name("SPEC").show_default();
  command.add_option("--run-dir", request->run_dir, "output directory; default: spyre-ci-runs/<id>").type_name("DIR");
  add_stack_options(command, *request);
  add_relayed_run_options(command, request->relay);
  command.footer(
      "--relay-dispatch reports start and end of the run to the relay; see `spyre-ci relay send --help`.\n"
      "After the time of --budget, no more cases are started, and running cases end within their own limits.\n"
      "Exit codes: 0 all passed, 1 some failed or over the budget, 2 wrong use, 3 some cases could not be run,\n"
      "4 nothing selected, 130 and 143 interrupted by SIGINT or SIGTERM.\n"
      "Examples:\n"
      "  spyre-ci run --rev main --stage 1 --cards auto --run-dir out\n"
      "  spyre-ci run --repo ~/pytorch --rev main --stage 1 --cards cpu:2 --budget 3m\n"
      "  spyre-ci run --source ~/pytorch --fraction 1 --only test/test_torch.py --cards cpu:2");
  command.act([request](const Session& s) { return run(*request, s); });
}

}  // namespace spyre::cli
