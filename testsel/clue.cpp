// SPDX-License-Identifier: Apache-2.0
#include "testsel/clue.hpp"

#include <algorithm>
#include <cmath>

namespace spyre::testsel {

double Clue::weight() const {
  switch (kind) {
    case Kind::edited:
      return 0.95;
    case Kind::failures:
      return 0.7;
    case Kind::mentions:
      return 0.7;
    case Kind::rule:
      return rule_weight;
    case Kind::imports:
      return 0.6;
    case Kind::profiling:
      return 0.5;
    case Kind::kinship:
      return 0.5;
  }
  return 0;
}

std::string_view name(Clue::Kind kind) {
  constexpr std::string_view names[] = {"edited", "failures", "mentions", "rule", "imports", "profiling", "kinship"};
  return names[static_cast<std::size_t>(kind)];
}

double weight_of_evidence(const std::vector<Clue>& clues) {
  double sum = 0;
  for (const Clue& clue : clues) sum -= std::log1p(-clue.weight() * std::clamp(clue.strength, 0., 1.));
  return sum;
}

double score_of(double weight_of_evidence) {
  return -std::expm1(-weight_of_evidence);
}

double score(const std::vector<Clue>& clues) {
  return score_of(weight_of_evidence(clues));
}

double rarity(std::size_t count, std::size_t of) {
  if (count == 0 || of == 0) return 0;
  const double all = static_cast<double>(of) + 1;
  return std::log(all / static_cast<double>(std::min(count, of))) / std::log(all);
}

}  // namespace spyre::testsel
