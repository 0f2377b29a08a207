// SPDX-License-Identifier: Apache-2.0
#include "agent/cards/environment.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace spyre::cards {
namespace {

std::string indices(const std::vector<Card>& gang, std::string_view separator) {
  std::vector<int> numbers;
  numbers.reserve(gang.size());
  for (const Card& card : gang) numbers.push_back(card.index);
  std::ranges::sort(numbers);
  return fmt::format("{}", fmt::join(numbers, separator));
}

bool describes_cards(std::string_view name) {
  return name.starts_with("PCIDEVICE_IBM_COM_") || name.starts_with("AIU_") || name.starts_with("FLEX_");
}

}  // namespace

std::map<std::string, std::string> worker_environment(const std::vector<Card>& gang, const Machine& machine,
                                                      const WorkerSettings& settings) {
  std::map<std::string, std::string> variables;
  const bool spyre = gang.front().kind == "spyre";
  if (spyre) {
    variables["FLEX_DEVICE"] = gang.front().virtual_function ? "VF" : "PF";
    if (gang.size() > 1) variables["AIU_SETUP_MULTI_AIU"] = "1";
    for (const auto& [name, value] : machine.environment) {
      if (describes_cards(name)) variables[name] = value;
    }
  }
  const std::size_t processors = static_cast<std::size_t>(machine.processors) * gang.size();
  const std::size_t share = processors / std::max(settings.cards, gang.size());
  variables["OMP_NUM_THREADS"] = std::to_string(std::max<std::size_t>(share, 1));
  if (!settings.cache.empty()) {
    variables["TORCHINDUCTOR_CACHE_DIR"] = fmt::format("{}/card-{}", settings.cache, indices(gang, "-"));
  }
  for (const auto& [name, value] : settings.set) variables[name] = value;
  if (spyre) variables["SPYRE_DEVICES"] = indices(gang, ",");
  return variables;
}

}  // namespace spyre::cards
