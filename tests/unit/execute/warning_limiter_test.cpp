// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/warning_limiter.hpp"

#include "tests/support/catch.hpp"

using namespace spyre::execute;
using Lines = std::vector<std::string>;

TEST_CASE("the same warning is reported once, and one kind three times") {
  WarningLimiter limiter;
  CHECK(limiter.admit("", "worker 1: left 2 processes") == "worker 1: left 2 processes");
  CHECK_FALSE(limiter.admit("", "worker 1: left 2 processes"));
  CHECK(limiter.admit("", "worker 22: left 2 processes"));
  CHECK(limiter.admit("", "another"));
  CHECK(limiter.admit("", "worker 3: left 17 processes"));
  CHECK_FALSE(limiter.admit("", "worker 4: left 2 processes"));
  CHECK(limiter.left_out() == Lines{"2 more like: worker 1: left 2 processes"});
}

TEST_CASE("a source with many different warnings does not silence others") {
  WarningLimiter limiter;
  std::size_t told = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string text;
    for (int rest = i; rest > 0; rest /= 26) text += static_cast<char>('a' + rest % 26);
    told += limiter.admit("the worker", "says " + text) ? 1 : 0;
  }
  CHECK(told == 20);
  CHECK(limiter.admit("", "the card is gone"));
  CHECK(limiter.left_out() == Lines{"99980 more warnings of the worker"});
}

TEST_CASE("a long warning is cut, whatever it contains") {
  WarningLimiter limiter;
  const auto told = limiter.admit("", std::string(60 << 20, 'x') + "the end");
  REQUIRE(told.has_value());
  CHECK(told->size() < 5000);
  CHECK(told->ends_with("the end"));
}

TEST_CASE("reported warnings are not counted as left out") {
  WarningLimiter limiter;
  limiter.admit("", "one");
  CHECK(limiter.left_out().empty());
}
