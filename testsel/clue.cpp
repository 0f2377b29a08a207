// SPDX-License-Identifier: Apache-2.0
#include "testsel/clue.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace spyre::testsel {

namespace {

struct Known {
  std::string_view name;
  double weight;
};

// As in Clue::Kind.
constexpr std::array<Known, 7> kinds{{{"edited", 0.95},
                                      {"failures", 0.7},
                                      {"mentions", 0.7},
                                      {"rule", 0},  // each rule has its own
                                      {"imports", 0.6},
                                      {"profiling", 0.5},
                                      {"kinship", 0.5}}};

}  // namespace

double Clue::weight() const {
  return kind == Kind::rule ? rule_weight : kinds[static_cast<std::size_t>(kind)].weight;
}

std::string_view name(Clue::Kind kind) {
  return kinds[static_cast<std::size_t>(kind)].name;
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
