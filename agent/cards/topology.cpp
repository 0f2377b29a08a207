// SPDX-License-Identifier: Apache-2.0
#include "agent/cards/topology.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <tuple>

#include "agent/core/text.hpp"

namespace spyre::cards {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t most_tiers = 16;

using Tier = std::vector<int>;

// Take the number at the front of `text` and the text `behind` that has to follow it.
std::optional<std::uint64_t> take_number(std::string_view& text, std::string_view behind) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = parse_count(text.substr(0, digits), max_cards);
  if (!number || !text.substr(digits).starts_with(behind)) return std::nullopt;
  text.remove_prefix(digits + behind.size());
  return *number;
}

// AIU_TIER_1_SET_0_RANK_3: tier 1, set 0.
std::optional<std::pair<std::uint64_t, std::uint64_t>> tier_and_set(std::string_view name) {
  constexpr std::string_view prefix = "AIU_TIER_";
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  const auto tier = take_number(name, "_SET_");
  const auto set = tier ? take_number(name, "_RANK_") : std::nullopt;
  if (!set || !take_number(name, "") || !name.empty() || *tier >= most_tiers) return std::nullopt;
  return std::pair{*tier, *set};
}

// A member of a set is named by its PCI address, or by its rank in the world (AIU_WORLD_RANK_<n> has the address).
std::optional<std::size_t> card_named(std::string_view name, const std::vector<Card>& cards, const Machine& machine) {
  std::string address(trim(name));
  if (const auto rank = parse_count(address, max_cards); rank) {
    const auto variable = machine.environment.find("AIU_WORLD_RANK_" + address);
    if (variable == machine.environment.end()) {
      return *rank < cards.size() ? std::optional<std::size_t>(*rank) : std::nullopt;
    }
    address = trim(variable->second);
  }
  const auto found = std::ranges::find(cards, address, &Card::address);
  if (found == cards.end()) return std::nullopt;
  return static_cast<std::size_t>(found - cards.begin());
}

// A card that is in no set forms a set of its own.
Tier alone(std::size_t cards) {
  Tier tier(cards);
  for (std::size_t i = 0; i < cards; ++i) tier[i] = -1 - static_cast<int>(i);
  return tier;
}

std::vector<Tier> tiers_of_environment(const std::vector<Card>& cards, const Machine& machine) {
  std::map<std::uint64_t, Tier> tiers;
  for (const auto& [name, value] : machine.environment) {
    const auto place = tier_and_set(name);
    if (!place) continue;
    const auto card = card_named(value, cards, machine);
    if (!card) continue;
    tiers.try_emplace(place->first, alone(cards.size())).first->second[*card] = static_cast<int>(place->second);
  }
  std::vector<Tier> out;
  for (auto& [number, tier] : tiers) out.push_back(std::move(tier));
  return out;
}

// /sys/devices/pci0000:17/0000:17:01.0/0000:18:00.0/0000:19:00.0/0000:1a:00.0: the card sits at a port of its own
// (0000:19:00.0) of a switch (0000:18:00.0) beneath a root complex (pci0000:17).
std::vector<Tier> tiers_of_sysfs(const std::vector<Card>& cards, const Machine& machine) {
  std::map<std::string, int> numbers;
  const auto number = [&](const fs::path& place) {
    return numbers.try_emplace(place.string(), static_cast<int>(numbers.size())).first->second;
  };
  Tier switches, roots;
  for (const Card& card : cards) {
    std::error_code error;
    const fs::path device = fs::canonical(fs::path(machine.sysfs) / "bus/pci/devices" / card.address, error);
    if (error) return {};
    fs::path root = device;
    while (root.has_relative_path() && !root.filename().string().starts_with("pci")) root = root.parent_path();
    switches.push_back(number(device.parent_path().parent_path()));
    roots.push_back(number(root));
  }
  return {switches, roots};
}

std::map<int, std::vector<int>> by_set(const std::vector<int>& cards, const Tier& tier) {
  std::map<int, std::vector<int>> sets;
  for (const int card : cards) sets[tier[static_cast<std::size_t>(card)]].push_back(card);
  return sets;
}

// Take `count` of these cards, more than any set of the closer tier has, from as few of its sets as possible.
std::vector<int> first_cards(std::vector<int> cards, const Tier* closer, std::size_t count) {
  if (closer != nullptr) {
    const auto sets = by_set(cards, *closer);
    const auto order = [&](int card) {
      const int set = (*closer)[static_cast<std::size_t>(card)];
      return std::tuple(-static_cast<std::ptrdiff_t>(sets.at(set).size()), set, card);
    };
    std::ranges::sort(cards, {}, order);
  }
  cards.resize(count);
  std::ranges::sort(cards);
  return cards;
}

}  // namespace

std::size_t Topology::tier_of(const std::vector<int>& cards) const {
  const auto together = [&](const Tier& tier) {
    return std::ranges::all_of(cards, [&](int card) {
      return tier[static_cast<std::size_t>(card)] == tier[static_cast<std::size_t>(cards.front())];
    });
  };
  return static_cast<std::size_t>(std::ranges::find_if(m_tiers, together) - m_tiers.begin());
}

std::optional<std::vector<int>> Topology::closest(const std::vector<int>& free, std::size_t count) const {
  if (count == 0 || free.size() < count) return std::nullopt;
  const Tier* closer = nullptr;
  for (const Tier& tier : m_tiers) {
    const std::vector<int>* best = nullptr;
    const auto sets = by_set(free, tier);
    for (const auto& [number, members] : sets) {
      if (members.size() >= count && (best == nullptr || members.size() < best->size())) best = &members;
    }
    if (best != nullptr) return first_cards(*best, closer, count);
    closer = &tier;
  }
  return first_cards(free, closer, count);
}

Topology read_topology(const std::vector<Card>& cards, const Machine& machine) {
  const bool spyre = !cards.empty() && cards.front().kind == "spyre";
  if (!spyre) return {};
  std::vector<Tier> tiers = tiers_of_environment(cards, machine);
  return Topology(tiers.empty() ? tiers_of_sysfs(cards, machine) : std::move(tiers));
}

}  // namespace spyre::cards
