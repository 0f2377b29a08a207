// SPDX-License-Identifier: Apache-2.0
#include "agent/cards/hangs.hpp"

#include <algorithm>

namespace spyre::cards {

void Hangs::hung(int card, const std::string& id, const std::string& file) {
  std::set<int>& cards = m_cards_of_case[id];
  cards.insert(card);
  if (cards.size() > 1) {
    for (const int each : cards) m_rows[each].erase(id);
    return;
  }
  std::set<int>& dead = m_cards_of_file[file];
  if (dead.size() > 1) return;
  Row& row = m_rows[card];
  row[id] = file;
  const auto is_of_file = [&](const auto& entry) { return entry.second == file; };
  if (std::ranges::count_if(row, is_of_file) >= in_a_row) dead.insert(card);
  if (dead.size() < 2) return;
  for (auto& [each, other] : m_rows) std::erase_if(other, is_of_file);
}

bool Hangs::is_dead(int card) const {
  const auto row = m_rows.find(card);
  return row != m_rows.end() && row->second.size() >= static_cast<std::size_t>(in_a_row);
}

void Hangs::give_chance(int card) {
  Row& row = m_rows[card];
  while (row.size() >= static_cast<std::size_t>(in_a_row)) row.erase(row.begin());
}

}  // namespace spyre::cards
