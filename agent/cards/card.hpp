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
  int index = 0;        // dense, from 0: what SPYRE_DEVICES counts
  std::string kind;     // "cpu", "spyre"
  std::string address;  // PCI address "0000:1a:00.0"; empty for a CPU slot
};

// What was asked for with --cards: `auto`, `cpu:N`, `env`, `vfio`, or a bare number.
struct CardSpec {
  enum class Source { automatic, cpu, environment, vfio, count };
  Source source = Source::cpu;
  int count = 0;  // of cpu and count: 1 to 65536; 0 otherwise
};

// Error: usage.
Result<CardSpec> parse_card_spec(std::string_view text);

// The places cards are looked for in; tests give made-up ones.
struct Machine {
  std::string sysfs = "/sys";
  std::map<std::string, std::string> environment;
  int processors = 1;
  static Machine here();
};

// Error: usage for a bare number (planning only), infra when there is no card.
Result<std::vector<Card>> find_cards(const CardSpec& spec, const Machine& machine);

}  // namespace spyre::cards
