// SPDX-License-Identifier: Apache-2.0
// Whether a card can be trusted, and who holds it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/cards/card.hpp"

namespace spyre::cards {

// The first sign of a faulty card in what a worker printed, "RAS::PCI::BusFence"; nothing when there is none.
std::optional<std::string> hardware_fault_signature(std::string_view log);

// Processes that have the card's VFIO group open, by /proc/<pid>/fd, sorted. None for a CPU slot and for a card whose
// group is not known. Processes that may not be looked into are left out.
std::vector<int> holders(const Card& card, const Machine& machine);

}  // namespace spyre::cards
