// SPDX-License-Identifier: Apache-2.0
// Which cards are close to each other.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "agent/cards/card.hpp"

namespace spyre::cards {

class Topology {
 public:
  // Make all cards equally far from each other.
  Topology() = default;
  // tiers[t][card] is the number of the set that the card belongs to at tier t; tier 0 is the closest. Every tier has
  // the same number of cards.
  explicit Topology(std::vector<std::vector<int>> tiers) : m_tiers(std::move(tiers)) {}

  // Return the lowest tier at which all of these cards are in one set; the number of tiers if there is none.
  std::size_t tier_of(const std::vector<int>& cards) const;
  // Return `count` of the free cards, as close to each other as possible, sorted; nothing if there are too few. Among
  // equally close sets, the one with the fewest free cards is used up first, so that large gangs still find room.
  std::optional<std::vector<int>> closest(const std::vector<int>& free, std::size_t count) const;

 private:
  std::vector<std::vector<int>> m_tiers;
};

// Read the environment's tier sets (AIU_TIER_<x>_SET_<y>_RANK_<z>), else the cards' positions in sysfs: tier 0 is a PCI
// switch, tier 1 a root complex. CPU slots have no tiers.
Topology read_topology(const std::vector<Card>& cards, const Machine& machine);

}  // namespace spyre::cards
