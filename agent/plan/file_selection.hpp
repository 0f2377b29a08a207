// SPDX-License-Identifier: Apache-2.0
// The selection file by file. Views into it, which it has to outlive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/plan/work.hpp"
#include "testsel/selection.hpp"

namespace spyre::plan {

// A test or a generator, as the selection has it.
struct Selected {
  std::string_view id;
  std::size_t rank = 0;
  std::uint32_t cases = 1;  // as expected
  bool generator = false;
};

struct FileSelection {
  std::vector<std::vector<Selected>> tests;  // in several parts, since several threads look for them
  std::vector<Selected> generators;
};
using ByFile = std::unordered_map<std::string_view, FileSelection>;

ByFile group_by_file(const testsel::Selection& selection);

// Sorted by id, each once: of two the one with the lower rank. Generators are ranked here; `last_rank` is behind all
// tests. Times are not set.
std::vector<UnitWork> units_of(FileSelection file, std::size_t last_rank);

}  // namespace spyre::plan
