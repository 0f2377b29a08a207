// SPDX-License-Identifier: Apache-2.0
// Decides whether tests that hang point to a faulty card: a worker may start on a dead card although no test finishes
// there. Pure: results of cases go in, a judgement of the card comes out.
#pragma once

#include <map>
#include <set>
#include <string>

namespace spyre::cards {

// - A card is dead when `in_a_row` different cases in a row hang on it, and none of them has passed or hung elsewhere.
// - A case that hangs on two cards is itself to blame and counts against neither card.
// - A file whose cases alone would make two cards dead is itself to blame and counts against no card any more.
// So a test, or a file of tests, that hangs everywhere takes no card out of use for long, and never all cards.
class Hangs {
 public:
  static constexpr int in_a_row = 3;

  void hung(int card, const std::string& id, const std::string& file);
  void passed(int card) { m_rows.erase(card); }
  bool is_dead(int card) const;
  // Use a dead card again: one more hang makes it dead again.
  void give_chance(int card);

 private:
  using Row = std::map<std::string, std::string>;  // case → file

  std::map<int, Row> m_rows;                             // card → the cases that count against it
  std::map<std::string, std::set<int>> m_cards_of_case;  // the cards on which a case hung
  std::map<std::string, std::set<int>> m_cards_of_file;  // the cards that the cases of a file alone would make dead
};

}  // namespace spyre::cards
