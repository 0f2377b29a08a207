// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/program.hpp"

int main(int argc, char** argv) {
  return spyre::cli::run_program(argc, argv);
}
