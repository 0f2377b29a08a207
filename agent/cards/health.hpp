// SPDX-License-Identifier: Apache-2.0
// Signs of a faulty card, and the processes that hold a card.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/cards/card.hpp"

namespace spyre::cards {

// Return the first sign of a faulty card in a worker's output, "RAS::PCI::BusFence"; nothing if there is none.
std::optional<std::string> hardware_fault_signature(std::string_view log);

// Return the processes that have the card's VFIO group open, from /proc/<pid>/fd, sorted. Empty for a CPU slot and for
// a card whose group is unknown. Processes that the agent may not inspect are left out.
std::vector<int> holders(const Card& card, const Machine& machine);

}  // namespace spyre::cards
