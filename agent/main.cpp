// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/command_line.hpp"
#include "agent/cli/program.hpp"
#include "agent/cli/scratch.hpp"
#include "agent/execute/process.hpp"

int main(int argc, char** argv) {
  spyre::execute::hide_from_other_processes();
  spyre::cli::CommandLine line(argc, argv);
  spyre::cli::use_scratch_of_build();
  return spyre::cli::run_program(line.count(), line.arguments());
}
