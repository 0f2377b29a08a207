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
  std::string iommu_group;        // number of the group under /dev/vfio; empty when it is not known
};

// What was asked for with --cards: `auto`, `cpu:N`, `env`, `vfio`, or a bare number.
struct CardSpec {
  enum class Source { automatic, cpu, environment, vfio, count };
  Source source = Source::cpu;
  int count = 0;  // of cpu and count: 1 to max_cards; 0 otherwise
};

inline constexpr int max_cards = 65'536;

// Error: usage.
Result<CardSpec> parse_card_spec(std::string_view text);

// The places cards are looked for in; tests give made-up ones.
struct Machine {
  std::string sysfs = "/sys";
  std::string proc = "/proc";
  std::map<std::string, std::string> environment;
  int processors = 1;
  // This machine: its file systems, the environment of this process, the processors it may use.
  static Machine here();
};

// The cards, in the order in which the runtime of the cards counts them. `auto` takes those of the environment (a pod
// sees more in sysfs than it was given), else those bound to vfio-pci; it never falls back to CPU slots, which would
// turn a run without cards green.
// Error: usage for a bare number (planning only), infra when there is no card, with what was looked for.
Result<std::vector<Card>> find_cards(const CardSpec& spec, const Machine& machine);

}  // namespace spyre::cards
