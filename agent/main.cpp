// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>

#include "agent/cli/command_line.hpp"
#include "agent/cli/program.hpp"
#include "agent/cli/scratch.hpp"
#include "agent/execute/process.hpp"

namespace {

// Take memory from the system in pieces that huge pages can back. An inventory is about 70 MiB of small blocks: grown
// page by page, page faults and mprotect() are half of the time that reading it takes.
void take_memory_in_large_pieces() {
  constexpr int piece = 16 * 1024 * 1024;
  ::mallopt(M_TOP_PAD, piece);
}

}  // namespace

int main(int argc, char** argv) {
  take_memory_in_large_pieces();
  spyre::execute::hide_from_other_processes();
  spyre::cli::CommandLine line(argc, argv);
  spyre::cli::use_scratch_of_build();
  return spyre::cli::run_program(line.count(), line.arguments());
}
