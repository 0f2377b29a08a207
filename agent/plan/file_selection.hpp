// SPDX-License-Identifier: Apache-2.0
// The selection by file. Views into the selection, which outlives it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/plan/work.hpp"
#include "testsel/selection.hpp"

namespace spyre::plan {

// A test or generator of the selection.
struct Selected {
  std::string_view id;
  std::size_t rank = 0;
  std::uint32_t cases = 1;  // expected number
  bool generator = false;
};

struct FileSelection {
  std::vector<std::vector<Selected>> tests;  // in several parts, because several threads look for them
  std::vector<Selected> generators;
};
using ByFile = std::unordered_map<std::string_view, FileSelection>;

ByFile group_by_file(const testsel::Selection& selection);

// Return the units sorted by id, each once: of duplicates the one with the lower rank. Generators are ranked here;
// `last_rank` is after all tests. Times are not set.
std::vector<UnitWork> units_of(FileSelection file, std::size_t last_rank);

}  // namespace spyre::plan
