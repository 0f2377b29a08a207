// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>

#include "agent/cli/command.hpp"
#include "agent/cli/terminal.hpp"
#include "agent/job/job.hpp"

namespace spyre::cli {
namespace {

Result<int> report(const std::string& run_dir, const Session& session) {
  Terminal terminal(session);
  TRY(const job::JobResult result, job::report(run_dir, session, terminal));
  return result.record.exit_code();
}

}  // namespace

void add_report(Command program) {
  const auto run_dir = std::make_shared<std::string>();
  Command command = program.add_command("report", "Write summary, JUnit files and HTML of a run again");
  command.add_option("RUN_DIR", *run_dir, "run directory").required();
  command.footer(
      "All files are derived from the journal, also for a run that was killed. The exit code is the run's.\n"
      "Example:\n"
      "  spyre-ci report spyre-ci-runs/20261122-035500-1a2b3c4d");
  command.act([run_dir](const Session& s) { return report(*run_dir, s); });
}

}  // namespace spyre::cli
