// SPDX-License-Identifier: Apache-2.0
#include "agent/history/recent.hpp"

#include <algorithm>

#include <rapidcheck.h>

#include "tests/support/catch.hpp"

using spyre::history::median;
using spyre::history::Recent;

namespace {

// Runs that started in the order of their numbers.
Recent::Origin by_number(std::int64_t run) {
  return {run};
}

Recent with(const std::vector<std::int64_t>& runs) {
  Recent recent;
  for (const std::int64_t run : runs) recent.add(run, static_cast<double>(run), by_number);
  return recent;
}

}  // namespace

TEST_CASE("the median is the middle value, or between the two middle ones") {
  CHECK(median({3}) == 3);
  CHECK(median({5, 1, 3}) == 3);
  CHECK(median({4, 1, 2, 100}) == 3);
}

TEST_CASE("one slow run does not move the estimate") {
  Recent recent;
  for (int run = 1; run <= 4; ++run) recent.add(run, 1.0, by_number);
  recent.add(5, 500.0, by_number);
  CHECK(recent.estimate() == 1.0);
}

TEST_CASE("only the latest ten runs count, whatever the order of imports") {
  CHECK(with({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}).text() == with({12, 1, 7, 3, 9, 5, 11, 2, 8, 4, 10, 6}).text());
  CHECK(with({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}).estimate() == 7.5);
}

TEST_CASE("many runs on one kind of card do not push out those on another") {
  const auto origin = [](std::int64_t run) { return Recent::Origin{run, run <= 2 ? "spyre" : "cpu"}; };
  Recent recent;
  for (std::int64_t run = 1; run <= 30; ++run) recent.add(run, static_cast<double>(run), origin);
  CHECK(recent.estimate({1, 2}) == 1.5);
  CHECK(recent.estimate({21, 22, 23, 24, 25, 26, 27, 28, 29, 30}) == 25.5);
  CHECK_FALSE(recent.estimate({20}).has_value());
  CHECK(recent.estimate() == 25.5);
  CHECK(Recent(recent.text()).text() == recent.text());
}

TEST_CASE("durations are converted to text and back") {
  const Recent recent = with({3, 4, 5});
  CHECK(recent.text() == "5:5 4:4 3:3");
  CHECK(Recent(recent.text()).text() == recent.text());
  CHECK(Recent("").empty());
}

TEST_CASE("durations keep four digits") {
  Recent recent;
  recent.add(1, 0.000123456, by_number);
  CHECK(Recent(recent.text()).estimate() == Approx(0.000123456).epsilon(1e-3));
}

TEST_CASE("invalid entries are ignored") {
  CHECK(Recent("7:1.5 nonsense").text() == "7:1.5");
  CHECK(Recent("nonsense").empty());
  CHECK(Recent("7:").empty());
  CHECK(Recent("7").empty());
}

TEST_CASE("any order of imports gives the same text") {
  const bool holds = rc::check("permutations", [] {
    auto runs = *rc::gen::unique<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(1, 100));
    const std::string expected = with(runs).text();
    std::reverse(runs.begin(), runs.end());
    RC_ASSERT(with(runs).text() == expected);
    std::sort(runs.begin(), runs.end());
    RC_ASSERT(with(runs).text() == expected);
  });
  CHECK(holds);
}
