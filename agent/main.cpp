// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdlib>

#include <malloc.h>
#include <sys/mman.h>

#include "agent/cli/command_line.hpp"
#include "agent/cli/program.hpp"
#include "agent/cli/scratch.hpp"
#include "agent/execute/process.hpp"

namespace {

// Ask for memory in large pieces and the first of them in huge pages. An inventory is about 70 MiB of sources and small
// blocks: taken page by page, page faults are half of the time that reading it takes.
void take_memory_in_large_pieces() {
  constexpr std::size_t huge_page = std::size_t{2} << 20, piece = std::size_t{64} << 20;
  ::mallopt(M_TOP_PAD, piece);
  ::mallopt(M_MMAP_THRESHOLD, 4 * huge_page);  // sources are in the piece, not in mappings of their own
  void* const first = std::aligned_alloc(huge_page, huge_page);
  // Many kernels give huge pages only on request. A refusal costs nothing but time.
  if (first != nullptr) static_cast<void>(::madvise(first, piece, MADV_HUGEPAGE));
  std::free(first);
}

}  // namespace

int main(int argc, char** argv) {
  take_memory_in_large_pieces();
  spyre::execute::hide_from_other_processes();
  spyre::cli::CommandLine line(argc, argv);
  spyre::cli::use_scratch_of_build();
  return spyre::cli::run_program(line.count(), line.arguments());
}
