// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/case_chooser.hpp"

#include <algorithm>
#include <unordered_set>

#include "agent/core/hash.hpp"

namespace spyre::execute {

Result<std::vector<ChosenCase>> CaseChooser::choose(const plan::Batch& batch, const std::vector<std::string>& collected) {
  std::vector<ChosenCase> chosen;
  std::unordered_set<std::string_view> seen;
  const auto pieces = static_cast<std::uint64_t>(std::max(batch.pieces, 1));
  for (std::size_t index = 0; index < collected.size(); ++index) {
    const std::string& id = collected[index];
    if (!seen.insert(id).second) continue;
    if (pieces > 1 && stable_hash(id) % pieces != static_cast<std::uint64_t>(batch.piece)) continue;
    for (const std::string& unit : batch.units) {
      if (id.starts_with(unit)) {
        chosen.push_back({static_cast<int>(index), id, unit, false});
        break;
      }
    }
  }
  return chosen;
}

}  // namespace spyre::execute
