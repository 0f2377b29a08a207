// SPDX-License-Identifier: Apache-2.0
// From files to chunks: parts of one file that are dealt as a whole.
#pragma once

#include <cstddef>
#include <vector>

#include "agent/plan/work.hpp"

namespace spyre::plan {

struct Chunk {
  std::size_t file = 0;                // index into Work::files
  std::vector<const UnitWork*> units;  // sorted by id
  double seconds = 0;                  // without the import
  int piece = 0;
  int pieces = 1;
};

// The longest chunk worth having: a small part of a card's fair share, so that the cards end together, but not so small
// that imports outweigh the tests.
double chunk_limit(double fair_share_s, double import_s);

// Chunks of at most the limit each (more only when a single case is longer), the ones of a file together, in the order
// of the files.
std::vector<Chunk> cut(const Work& work, double fair_share_s);

}  // namespace spyre::plan
