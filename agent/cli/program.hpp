// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace spyre::cli {

// Run the program spyre-ci: read the command line, execute one command, and return the exit code (README, "Exit
// codes").
int run_program(int argc, char** argv);

}  // namespace spyre::cli
