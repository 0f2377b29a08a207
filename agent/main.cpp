// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstddef>
#include <memory>
#include <new>

#include <malloc.h>
#include <sys/mman.h>

#include "agent/cli/command_line.hpp"
#include "agent/cli/program.hpp"
#include "agent/cli/scratch.hpp"
#include "agent/process/process.hpp"

namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20;  // bytes
struct alignas(huge_page) HugePage {
  std::array<std::byte, huge_page> bytes;
};

// Ask for memory in large pieces and the first of them in huge pages. An inventory is about 70 MiB of sources and small
// blocks: taken page by page, page faults are half of the time that reading it takes.
void take_memory_in_large_pieces() {
  constexpr std::size_t piece = std::size_t{64} << 20;
  ::mallopt(M_TOP_PAD, piece);
  ::mallopt(M_MMAP_THRESHOLD, 4 * huge_page);  // sources are in the piece, not in mappings of their own
  const std::unique_ptr<HugePage> first(new (std::nothrow) HugePage);
  if (first == nullptr) return;
  // Many kernels give huge pages only on request. A refusal costs nothing but time.
  static_cast<void>(::madvise(first.get(), piece, MADV_HUGEPAGE));
}

}  // namespace

int main(int argc, char** argv) {
  take_memory_in_large_pieces();
  spyre::process::hide_from_other_processes();
  spyre::cli::CommandLine line(argc, argv);
  spyre::cli::use_scratch_of_build();
  return spyre::cli::run_program(line.count(), line.arguments());
}
