// SPDX-License-Identifier: Apache-2.0
// What speaks for a change to concern a test, and how much several such clues say together.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace spyre::testsel {

struct Clue {
  // The names are written in documents.
  enum class Kind {
    edited,     // the test itself, or what is around it in its file, was changed
    failures,   // it failed before, together with these files
    mentions,   // it names a function or class that the changed file defines
    rule,       // somebody wrote down that such files concern such tests
    imports,    // its file imports the changed one, directly or through others
    profiling,  // its file ran the changed one when that was recorded
    kinship,    // its file is named like the changed one
  };
  Kind kind = Kind::edited;
  double strength = 0;     // how well it fits here, [0, 1]
  std::string changed;     // the changed file that it is about; empty when it is about none in particular
  std::string why;         // for people: a path of imports, a rule and its place, a name
  double rule_weight = 0;  // of Kind::rule alone: as written in the rule, (0, 1)

  // How far to trust this kind of clue at its strongest, (0, 1). An edit speaks for itself; a name may be like another
  // by accident.
  double weight() const;
};

std::string_view name(Clue::Kind kind);

// All clues as one score, [0, 1): noisy or, 1 − Π (1 − weight · strength), the chance that at least one of them is
// right if each is right by itself with that chance. Of none: 0. A further clue never lowers it; the order does not
// matter.
double score(const std::vector<Clue>& clues);

// The same as a sum that does not saturate, −ln Π (1 − weight · strength): orders tests as their scores do, also where
// many clues make scores that no longer differ. Sums of it are those of the clues together.
double weight_of_evidence(const std::vector<Clue>& clues);
// The score that a weight of evidence stands for.
double score_of(double weight_of_evidence);

// How much it says to be one of `count` among `of`: 1 for the only one, falling with the logarithm, next to 0 for all
// of them. 0 when there are none.
double rarity(std::size_t count, std::size_t of);

}  // namespace spyre::testsel
