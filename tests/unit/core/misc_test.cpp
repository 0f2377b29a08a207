// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <map>
#include <string>
#include <vector>

#include "agent/core/clock.hpp"
#include "agent/core/hash.hpp"
#include "agent/core/log.hpp"
#include "agent/core/parallel.hpp"
#include "agent/core/result.hpp"
#include "agent/core/shared_text.hpp"
#include "agent/core/utc.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;

TEST_CASE("the stable hash never changes: plans and selections of earlier versions depend on it") {
  // The test vectors of xxHash (XXH3_64bits, seed 0), at least one for each length class of its algorithm.
  std::string bytes;
  for (std::uint64_t generator = 2654435761; bytes.size() < 512; generator *= 11400714785074694797U) {
    bytes += static_cast<char>(generator >> 56);
  }
  const std::map<std::size_t, std::string> vectors{
      {0, "2d06800538d394c2"},   {1, "c44bdff4074eecdb"},  {6, "27b56a84cd2d7325"},  {12, "a713daf0dfbb77e7"},
      {24, "a3fe70bf9d3510eb"},  {48, "397da259ecba1f11"}, {80, "bcdefbbb2c47c90a"}, {195, "cd94217ee362ec3a"},
      {403, "cdeb804d65c6dea4"}, {512, "617e49599013cb6b"}};
  for (const auto& [length, expected] : vectors) CHECK(hex(stable_hash(bytes.substr(0, length))) == expected);
  CHECK(hex(stable_hash("abc")) == "78af5f94892f3950");
  CHECK(hex(stable_hash("test/test_torch.py::TestTorch::test_sum")) == "ce45f04b57ce0985");
}

TEST_CASE("times are written as RFC 3339") {
  CHECK(format_utc(SystemTime{std::chrono::milliseconds{1'700'000'000'123}}) == "2023-11-14T22:13:20.123Z");
}

TEST_CASE("a manual clock moves only when a test moves it") {
  ManualClock clock;
  const SteadyTime start = clock.steady();
  clock.advance(Seconds{1.5});
  CHECK(clock.steady() - start == std::chrono::milliseconds{1500});
}

TEST_CASE("a shared text outlives its source") {
  SharedText part;
  {
    const auto all = std::make_shared<std::string>("test/test_torch.py::TestTorch::a_name_that_is_not_kept_in_place");
    part = {all, std::string_view(*all).substr(20, 9)};
    const SharedText copy = part;
    CHECK(copy.view().data() == part.view().data());
  }
  CHECK(part == "TestTorch");
  CHECK(std::string("TestTorch") == part);
  CHECK(SharedText("a") < SharedText("b"));
  CHECK(SharedText().view().empty());
  std::string made = "a text of more bytes than fit into the object";
  const SharedText own = made;
  made.assign(made.size(), 'x');
  CHECK(own == "a text of more bytes than fit into the object");
}

TEST_CASE("parallel_for calls every index once") {
  std::vector<std::atomic<int>> calls(1000);
  parallel_for(calls.size(), [&](std::size_t i) { ++calls[i]; });
  for (const auto& count : calls) CHECK(count == 1);
  parallel_for(0, [](std::size_t) { FAIL("nothing to call"); });
}

TEST_CASE("parallel_blocks gives every index to one block") {
  for (const std::size_t count : {0UL, 1UL, 511UL, 512UL, 513UL, 5000UL}) {
    std::vector<std::atomic<int>> calls(count);
    parallel_blocks(count, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) ++calls[i];
    });
    CHECK(std::ranges::all_of(calls, [](const auto& calls_of_one) { return calls_of_one == 1; }));
  }
}

TEST_CASE("an exception of a body on any thread reaches the caller") {
  std::atomic<int> calls = 0;
  CHECK_THROWS_WITH(parallel_for(1000,
                                 [&](std::size_t) {
                                   ++calls;
                                   throw std::runtime_error("too much");
                                 }),
                    "too much");
  CHECK(calls >= 1);
}

TEST_CASE("exit codes are stable") {
  CHECK(exit_code(ErrorKind::usage) == 2);
  CHECK(exit_code(ErrorKind::config) == 2);
  CHECK(exit_code(ErrorKind::infra) == 3);
  CHECK(exit_code(ErrorKind::internal) == 2);
  CHECK(exit_code(ErrorKind::nothing_selected) == 4);
}

TEST_CASE("an unknown log level is refused, and the error lists the known ones") {
  CHECK(log::set_level("debug"));
  CHECK(log::set_level("loud").error().kind == ErrorKind::usage);
  CHECK(log::set_level("info"));
}

TEST_CASE("TRY and CHECK_OK return the error to the caller") {
  const auto inner = [](bool good) -> Result<int> {
    if (!good) return fail(ErrorKind::io, "no");
    return 1;
  };
  const auto outer = [&](bool good) -> Result<int> {
    TRY(const int value, inner(good));
    CHECK_OK(inner(good));
    return value + 1;
  };
  CHECK(outer(true).value() == 2);
  CHECK(outer(false).error().message == "no");
}
