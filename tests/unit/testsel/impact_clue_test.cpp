// SPDX-License-Identifier: Apache-2.0
#include <rapidcheck.h>

#include "tests/support/catch.hpp"
#include "testsel/clue.hpp"

using namespace spyre::testsel;
using Kind = Clue::Kind;

namespace {

Clue some_clue() {
  const auto kind = static_cast<Kind>(*rc::gen::inRange(0, 7));
  return {kind, *rc::gen::inRange(0, 101) / 100., {}, {}, *rc::gen::inRange(1, 100) / 100.};
}

std::vector<Clue> some_clues() {
  std::vector<Clue> clues;
  for (int i = *rc::gen::inRange(0, 20); i > 0; --i) clues.push_back(some_clue());
  return clues;
}

}  // namespace

TEST_CASE("clues are combined as independent chances") {
  CHECK(score({}) == 0);
  CHECK(score({{Kind::imports, 1, {}, {}}}) == Approx(0.6));
  CHECK(score({{Kind::imports, 1, {}, {}}, {Kind::kinship, 0.5, {}, {}}}) == Approx(1 - 0.4 * 0.75));
  CHECK(score({{Kind::rule, 1, {}, {}, 0.3}}) == Approx(0.3));
}

TEST_CASE("being one of few is more significant than being one of many") {
  CHECK(rarity(1, 1) == 1);
  CHECK(rarity(1, 400) == Approx(1));
  CHECK(rarity(20, 400) == Approx(0.5).margin(0.01));
  CHECK(rarity(400, 400) < 0.001);
  CHECK(rarity(0, 400) == 0);
  CHECK(rarity(500, 400) == rarity(400, 400));
}

TEST_CASE("property: a score is at least 0 and at most 1") {
  CHECK(rc::check([] {
    const double combined = score(some_clues());
    RC_ASSERT(combined >= 0);
    RC_ASSERT(combined <= 1);
  }));
}

TEST_CASE("property: more evidence never lowers a score") {
  CHECK(rc::check([] {
    std::vector<Clue> clues = some_clues();
    const double before = score(clues), evidence = weight_of_evidence(clues);
    clues.push_back(some_clue());
    RC_ASSERT(score(clues) >= before);
    RC_ASSERT(weight_of_evidence(clues) >= evidence);
  }));
}

TEST_CASE("property: a stronger clue never lowers a score") {
  CHECK(rc::check([] {
    std::vector<Clue> clues = some_clues();
    clues.push_back(some_clue());
    const double before = score(clues);
    clues.back().strength = std::min(1., clues.back().strength + 0.1);
    RC_ASSERT(score(clues) >= before);
  }));
}

TEST_CASE("property: rarity falls with the number of equals, and stays within 0 and 1") {
  CHECK(rc::check([] {
    const auto of = *rc::gen::inRange<std::size_t>(1, 1000);
    const auto count = *rc::gen::inRange<std::size_t>(1, of + 1);
    RC_ASSERT(rarity(count, of) > 0);
    RC_ASSERT(rarity(count, of) <= 1);
    RC_ASSERT(rarity(count + 1, of) <= rarity(count, of));
  }));
}
