// SPDX-License-Identifier: Apache-2.0
// Whether tests that hang speak against their card: a worker may well start on a dead card, and nothing after it comes
// to an end. Pure: what became of cases goes in, what is to be thought of the card comes out.
#pragma once

#include <map>
#include <set>
#include <string>

namespace spyre::cards {

// - A card is dead when `in_a_row` different cases in a row hang on it, none of which has passed or hung elsewhere.
// - A case that hangs on two cards is to blame itself, and counts against neither.
// - A file whose cases alone would make two cards dead is to blame itself, and counts against no card any more.
// So a test, or a file full of tests, that hangs everywhere takes no card out of use for long, and never all of them.
class Hangs {
 public:
  static constexpr int in_a_row = 3;

  void hung(int card, const std::string& id, const std::string& file);
  void passed(int card) { m_rows.erase(card); }
  bool is_dead(int card) const;
  // A dead card is used again: one more, and it is dead.
  void give_chance(int card);

 private:
  using Row = std::map<std::string, std::string>;  // case → file

  std::map<int, Row> m_rows;                             // card → what counts against it
  std::map<std::string, std::set<int>> m_cards_of_case;  // on which it hung
  std::map<std::string, std::set<int>> m_cards_of_file;  // that its cases alone would make dead
};

}  // namespace spyre::cards
