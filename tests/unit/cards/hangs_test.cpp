// SPDX-License-Identifier: Apache-2.0
#include "agent/cards/hangs.hpp"

#include "tests/support/catch.hpp"

using namespace spyre::cards;

TEST_CASE("a card is dead when several cases in a row hang on it") {
  Hangs hangs;
  hangs.hung(0, "a", "x.py");
  hangs.hung(0, "a", "x.py");
  hangs.hung(0, "b", "x.py");
  hangs.hung(1, "c", "y.py");
  CHECK_FALSE(hangs.is_dead(0));
  hangs.hung(0, "d", "y.py");
  CHECK(hangs.is_dead(0));
  CHECK_FALSE(hangs.is_dead(1));
  hangs.give_chance(0);
  CHECK_FALSE(hangs.is_dead(0));
  hangs.hung(0, "e", "z.py");
  CHECK(hangs.is_dead(0));
}

TEST_CASE("a pass clears the card") {
  Hangs hangs;
  for (const char* const id : {"a", "b", "c"}) hangs.hung(0, id, "x.py");
  hangs.passed(1);
  CHECK(hangs.is_dead(0));
  hangs.passed(0);
  CHECK_FALSE(hangs.is_dead(0));
}

TEST_CASE("a case that hangs elsewhere too counts against neither card") {
  Hangs hangs;
  for (const char* const id : {"a", "b", "c"}) hangs.hung(0, id, "x.py");
  hangs.hung(1, "b", "x.py");
  CHECK_FALSE(hangs.is_dead(0));
  hangs.hung(1, "d", "x.py");
  hangs.hung(1, "e", "y.py");
  CHECK_FALSE(hangs.is_dead(1));
}

TEST_CASE("a file that would make two cards dead is to blame itself") {
  Hangs hangs;
  for (const char* const id : {"a", "b", "c"}) hangs.hung(0, id, "x.py");
  hangs.hung(1, "k", "y.py");
  hangs.hung(1, "l", "y.py");
  for (const char* const id : {"d", "e", "f"}) hangs.hung(1, id, "x.py");
  CHECK_FALSE(hangs.is_dead(0));
  CHECK_FALSE(hangs.is_dead(1));
  hangs.hung(2, "g", "x.py");
  hangs.hung(1, "m", "z.py");
  CHECK(hangs.is_dead(1));  // because of the other files
}
