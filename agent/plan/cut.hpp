// SPDX-License-Identifier: Apache-2.0
// Cuts files into chunks: parts of one file that are dealt as a whole.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "agent/plan/work.hpp"

namespace spyre::plan {

struct Chunk {
  std::size_t file = 0;                    // index into Work::files
  std::span<const UnitWork* const> units;  // sorted by id; into Chunks::units
  int width = 1;                           // cards that they need at once
  double seconds = 0;                      // without the import
  double longest_s = 0;                    // of a single case, if known
  int piece = 0;
  int pieces = 1;
};

// Move-only, because chunks are views into it.
struct Chunks {
  Chunks() = default;
  Chunks(Chunks&&) = default;
  Chunks& operator=(Chunks&&) = default;

  std::vector<Chunk> list;
  std::vector<std::vector<const UnitWork*>> units;  // file by file
};

// A chunk is not cut into parts shorter than this: handing them out would cost more than it evens out.
inline constexpr double shortest_cut_s = 2;

// Return the longest useful chunk: a small part of a card's fair share, so that the cards end together, but long enough
// that imports do not outweigh the tests.
double chunk_limit(double fair_share_s, double import_s);

// Return chunks of at most the limit each (more only if a single case is longer). The chunks of a file are together, in
// the order of the files.
Chunks cut(const Work& work, double fair_share_s);

}  // namespace spyre::plan
