// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "agent/cli/command.hpp"
#include "agent/cli/job_options.hpp"
#include "agent/cli/terminal.hpp"
#include "agent/execute/signals.hpp"
#include "agent/job/job.hpp"

namespace spyre::cli {
namespace {

Result<int> exec(const job::JobRequest& request, const Session& session) {
  execute::restore_default_signal_handlers();
  Terminal terminal(session);
  TRY(const job::JobResult result, job::run(request, session, terminal));
  return result.record.exit_code();
}

}  // namespace

void add_exec(Command program) {
  const auto request = std::make_shared<job::JobRequest>();
  job::ShardRequest& shard = request->shard.emplace();
  Command command = program.add_command("exec", "Run one shard of a plan, in a Jenkins branch or a pod");
  add_source_options(command, request->source);
  command.add_option("--plan", shard.plan, "plan from `spyre-ci plan`").type_name("FILE").required();
  command.add_option("--shard", shard.index, "index of the shard, from 0").type_name("K").required().not_negative();
  command.add_option("--run-dir", request->run_dir, "output directory of the shard").type_name("DIR").required();
  command.add_option("--cards", request->cards, "cards of this shard: auto, cpu:N, env or vfio")
      .type_name("SPEC")
      .show_default();
  add_stack_options(command, *request);
  command.footer(
      "The same plan and shard run the same tests on every machine. When the plan was made with --budget, the shard\n"
      "starts no new tests after that time.\n"
      "Examples:\n"
      "  spyre-ci exec --plan plan.json --shard 0 --run-dir shard-0 --cards env\n"
      "  spyre-ci exec --plan plan.json --shard 3 --source ~/pytorch --run-dir shard-3");
  command.act([request](const Session& s) { return exec(*request, s); });
}

}  // namespace spyre::cli
