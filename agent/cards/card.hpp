// SPDX-License-Identifier: Apache-2.0
// Cards and how they are found.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"

namespace spyre::cards {

// One accelerator, or one CPU slot that stands for it.
struct Card {
  int index = 0;                  // dense, from 0: what SPYRE_DEVICES counts
  std::string kind;               // "cpu", "spyre"
  std::string address;            // PCI address "0000:1a:00.0"; empty for a CPU slot
  bool virtual_function = false;  // a share of a card, not a whole one
  std::string iommu_group;        // group number under /dev/vfio; empty if unknown
};

// The value of --cards: `auto`, `cpu:N`, `env`, `vfio`, or a bare number.
struct CardSpec {
  enum class Source { automatic, cpu, environment, vfio, count };
  Source source = Source::cpu;
  int count = 0;  // of cpu and count: 1 to max_cards; 0 otherwise
};

inline constexpr int max_cards = 65'536;

// Parse the value of --cards. Error: usage.
Result<CardSpec> parse_card_spec(std::string_view text);

// The places where cards are looked for; tests pass made-up ones.
struct Machine {
  std::string sysfs = "/sys";
  std::string proc = "/proc";
  std::map<std::string, std::string> environment;
  int processors = 1;
  // Return this machine: its file systems, the environment of this process, the processors that it may use.
  static Machine here();
};

// Return the cards, in the order in which the cards' runtime counts them. `auto` takes the cards of the environment
// (sysfs shows a pod more cards than it was given), else those bound to vfio-pci. It never falls back to CPU slots: a
// run without cards would then pass.
// Error: usage for a bare number (planning only), infra if no card is found; the message lists what was searched.
Result<std::vector<Card>> find_cards(const CardSpec& spec, const Machine& machine);

}  // namespace spyre::cards
