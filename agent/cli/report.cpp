// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <fmt/format.h>

#include "agent/cli/command.hpp"
#include "agent/cli/running.hpp"
#include "agent/junit/folder.hpp"

namespace spyre::cli {
namespace {

// A result is derived from the journal, and can be derived again.
Result<int> report(const std::string& run_dir, const Session& session) {
  TRY(const results::RunRecord record, results::read_record(run_dir));
  CHECK_OK(junit::write_files(record, run_dir, session.config.junit.tags));
  return report_result(record, run_dir, session);
}

}  // namespace

void add_report(Command program) {
  const auto run_dir = std::make_shared<std::string>();
  Command command = program.add_command("report", "Make summary, JUnit files and HTML of a run again");
  command.add_option("RUN_DIR", *run_dir, "run directory").required();
  command.footer(
      "Everything is made from the journal, also of a run that was killed. The exit code is the run's.\n"
      "Example:\n"
      "  spyre-ci report spyre-ci-runs/20261122-035500-1a2b3c4d");
  command.act([run_dir](const Session& s) { return report(*run_dir, s); });
}

}  // namespace spyre::cli
