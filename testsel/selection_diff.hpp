// SPDX-License-Identifier: Apache-2.0
// A selection that was kept (a manifest), against the one of today.
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
  std::vector<std::string> removed;  // still there, not selected any more
  std::vector<std::string> gone;     // not in the revision any more
  std::vector<Pair> moved;           // the same class and function, or function, in another place
  std::vector<Pair> renamed;         // a similar name in the same class: a guess
  bool empty() const { return added.empty() && removed.empty() && gone.empty() && moved.empty() && renamed.empty(); }
};

// `inventory` is that of the revision `current` was made from. Every test of `manifest` that `current` does not have is
// in exactly one of removed, gone, moved and renamed; every test of `current` that `manifest` does not have is in added
// or the second of a pair. All in byte order.
SelectionDiff compare(const Selection& manifest, const Selection& current, const Inventory& inventory);

// The tests of a manifest that this revision has, in the manifest's order; tests that moved are followed.
// Error: nothing_selected when none is left.
Result<Selection> pin(const Selection& manifest, const Inventory& inventory);

nlohmann::json to_json(const SelectionDiff& diff);
std::string as_text(const SelectionDiff& diff);

}  // namespace spyre::testsel
