// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace spyre::cli {

// The program spyre-ci: reads the command line, carries one command out, returns the exit code (README, "Exit codes").
int run_program(int argc, char** argv);

}  // namespace spyre::cli
