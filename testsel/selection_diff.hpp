// SPDX-License-Identifier: Apache-2.0
// Compares a stored selection (a manifest) with the current one.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "testsel/inventory.hpp"
#include "testsel/selection.hpp"

namespace spyre::testsel {

struct SelectionDiff {
  struct Pair {
    std::string was, is;
  };
  std::vector<std::string> added;    // selected now
  std::vector<std::string> removed;  // exists, but is not selected any more
  std::vector<std::string> gone;     // not in the revision any more
  std::vector<Pair> moved;           // the same class and function, or the same function, in another place
  std::vector<Pair> renamed;         // a similar name in the same class: a guess
  bool empty() const { return added.empty() && removed.empty() && gone.empty() && moved.empty() && renamed.empty(); }
};

// Compare two selections. `inventory` is that of the revision from which `current` was made. Every test of `manifest`
// that `current` does not have is in exactly one of removed, gone, moved and renamed; every test of `current` that
// `manifest` does not have is in added or is the second of a pair. All lists are in byte order.
SelectionDiff compare(const Selection& manifest, const Selection& current, const Inventory& inventory);

// Return the tests of a manifest that this revision has, in the manifest's order; moved tests are followed.
// Error: nothing_selected if none is left.
Result<Selection> pin(const Selection& manifest, const Inventory& inventory);

nlohmann::json to_json(const SelectionDiff& diff);
std::string as_text(const SelectionDiff& diff);

}  // namespace spyre::testsel
