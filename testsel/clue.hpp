// SPDX-License-Identifier: Apache-2.0
// Clues that a change concerns a test, and their combined strength.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace spyre::testsel {

struct Clue {
  // The names are written in documents.
  enum class Kind {
    edited,     // the test itself, or the code around it in its file, was changed
    failures,   // it failed before, together with these files
    mentions,   // it names a function or class that the changed file defines
    rule,       // a written rule connects such files and such tests
    imports,    // its file imports the changed one, directly or through others
    profiling,  // its file ran the changed one when a profile was recorded
    kinship,    // its file is named like the changed one
  };
  Kind kind = Kind::edited;
  double strength = 0;     // how well it fits here, [0, 1]
  std::string changed;     // the changed file that it is about; empty if it is not about a particular file
  std::string why;         // for people: a path of imports, a rule and its place, a name
  double rule_weight = 0;  // for Kind::rule only: as written in the rule, (0, 1)

  // Return the weight of this kind of clue at its strongest, (0, 1). An edit is conclusive; a name may resemble another
  // by accident.
  double weight() const;
};

std::string_view name(Clue::Kind kind);

// Return the score of all clues, [0, 1): noisy or, 1 − Π (1 − weight · strength), the chance that at least one of them
// is right if they are independent. 0 without clues. A further clue never lowers it; the order does not matter.
double score(const std::vector<Clue>& clues);

// Return the same as a sum that does not saturate, −ln Π (1 − weight · strength). It orders tests as their scores do,
// even if many clues make scores indistinguishable. Sums of it are those of the clues together.
double weight_of_evidence(const std::vector<Clue>& clues);
// Return the score of a weight of evidence.
double score_of(double weight_of_evidence);

// Return how significant it is to be one of `count` among `of`: 1 for the only one, falling with the logarithm, near 0
// for all of them. 0 if there are none.
double rarity(std::size_t count, std::size_t of);

}  // namespace spyre::testsel
