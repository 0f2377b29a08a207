// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/queue.hpp"

#include <numeric>

#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::plan;

namespace {

Batch batch(const std::string& file, double seconds, int cards = 1, double import_s = 3) {
  Batch out;
  out.file = file;
  out.cards = cards;
  out.import_s = import_s;
  out.estimate_s = import_s + seconds;
  return out;
}

std::vector<std::size_t> all(const std::vector<Batch>& batches) {
  std::vector<std::size_t> wanted(batches.size());
  std::iota(wanted.begin(), wanted.end(), std::size_t{0});
  return wanted;
}

std::vector<FreeCard> cold(std::initializer_list<int> cards) {
  std::vector<FreeCard> out;
  for (const int card : cards) out.push_back({card, {}});
  return out;
}

std::vector<std::size_t> started(const std::vector<Placement>& placements) {
  std::vector<std::size_t> out;
  for (const Placement& placement : placements) out.push_back(placement.batch);
  return out;
}

}  // namespace

TEST_CASE("the longest file goes first") {
  const std::vector<Batch> batches{batch("a", 1), batch("b", 9), batch("c", 5)};
  Queue queue(batches, all(batches));
  const auto placements = queue.next(cold({0, 1}), 0);
  CHECK(started(placements) == std::vector<std::size_t>{1, 2});
  CHECK(placements[0].cards == std::vector<int>{0});
  CHECK(placements[0].imports);
  CHECK(placements[0].expected_s == Approx(12));
  CHECK(queue.waiting() == std::vector<std::size_t>{0});
  CHECK(started(queue.next({{1, "c"}}, 8)) == std::vector<std::size_t>{0});
  CHECK(queue.empty());
  CHECK(queue.next({{0, "b"}}, 12).empty());
}

TEST_CASE("a card stays with its open file, and pays no second import") {
  const std::vector<Batch> batches{batch("a", 10), batch("a", 10), batch("a", 10), batch("b", 20)};
  Queue queue(batches, all(batches));
  CHECK(started(queue.next(cold({0}), 0)) == std::vector<std::size_t>{0});
  const auto next = queue.next({{0, "a"}}, 13);
  REQUIRE(started(next) == std::vector<std::size_t>{1});
  CHECK(!next[0].imports);
  CHECK(next[0].expected_s == Approx(10));
}

TEST_CASE("a replaced worker has no file open") {
  const std::vector<Batch> batches{batch("a", 10), batch("a", 10)};
  Queue queue(batches, all(batches));
  queue.next(cold({0}), 0);
  const auto next = queue.next(cold({0}), 13);
  REQUIRE(next.size() == 1);
  CHECK(next[0].imports);
}

TEST_CASE("a long file gets several cards at once, in proportion to its length") {
  std::vector<Batch> batches;
  for (int i = 0; i < 30; ++i) batches.push_back(batch("long", 10));
  for (int i = 0; i < 10; ++i) batches.push_back(batch("short", 10));
  Queue queue(batches, all(batches));
  const auto placements = queue.next(cold({0, 1, 2, 3}), 0);
  const auto of_long = std::ranges::count_if(placements, [](const Placement& p) { return p.batch < 30; });
  CHECK(placements.size() == 4);
  CHECK(of_long == 3);
}

TEST_CASE("no card joins a file that its own card will finish earlier") {
  const std::vector<Batch> batches{batch("a", 10), batch("a", 2)};
  Queue queue(batches, all(batches));
  REQUIRE(started(queue.next(cold({0}), 0)) == std::vector<std::size_t>{0});
  // At 12.5 the other card would need until 17.5, the first one until 15.
  CHECK(queue.next(cold({1}), 12.5).empty());
  CHECK(started(queue.next({{0, "a"}, {1, ""}}, 13)) == std::vector<std::size_t>{1});
}

TEST_CASE("a card leaves its file for another one that would end too late otherwise") {
  std::vector<Batch> batches{batch("a", 30)};
  for (int i = 0; i < 20; ++i) batches.push_back(batch("b", 1));
  Queue queue(batches, all(batches));
  queue.remove(0);
  REQUIRE(queue.next(cold({0}), 0).size() == 1);
  queue.put_back(0);
  CHECK(started(queue.next({{0, "b"}, {1, ""}}, 4)).size() == 2);
  CHECK(std::ranges::count(queue.waiting(), std::size_t{0}) == 0);
}

TEST_CASE("an unfinished batch returns with the length of its rest") {
  const std::vector<Batch> batches{batch("a", 10)};
  Queue queue(batches, all(batches));
  queue.next(cold({0}), 0);
  CHECK(queue.empty());
  queue.put_back(0, 0.4);
  CHECK(!queue.empty());
  const auto again = queue.next(cold({1}), 9);
  REQUIRE(again.size() == 1);
  CHECK(again[0].expected_s == Approx(7));
}

TEST_CASE("a removed batch is not dealt") {
  const std::vector<Batch> batches{batch("a", 10), batch("b", 5)};
  Queue queue(batches, all(batches));
  queue.remove(0);
  CHECK(queue.waiting() == std::vector<std::size_t>{1});
  CHECK(started(queue.next(cold({0, 1}), 0)) == std::vector<std::size_t>{1});
  queue.remove(0);
  CHECK(queue.empty());
}

TEST_CASE("only wanted batches are dealt") {
  const std::vector<Batch> batches{batch("a", 10), batch("b", 5), batch("c", 1)};
  const std::vector<std::size_t> wanted{2, 1};
  Queue queue(batches, wanted);
  CHECK(queue.waiting() == std::vector<std::size_t>{1, 2});
}

TEST_CASE("finished batches correct the estimates of their file") {
  std::vector<Batch> batches;
  for (int i = 0; i < 20; ++i) batches.push_back(batch("a", 1));
  Queue queue(batches, all(batches));
  double now = 0, last = 0;
  std::string open;
  for (int i = 0; i < 15; ++i) {
    const auto placements = queue.next({{0, open}}, now);
    REQUIRE(placements.size() == 1);
    last = placements[0].expected_s;
    now += 10;  // ten times the estimate
    open = "a";
  }
  CHECK(last > 8);
  CHECK(last <= 10);
}

TEST_CASE("finished batches correct the estimates of files without finished batches") {
  std::vector<Batch> batches;
  for (int i = 0; i < 30; ++i) batches.push_back(batch("a", 1));
  batches.push_back(batch("b", 12));
  Queue queue(batches, all(batches));
  double now = 0;
  std::string open;
  for (int i = 0; i < 20; ++i) {
    REQUIRE(queue.next({{0, open}}, now).size() == 1);
    now += 10;  // ten times the estimate
    open = "a";
  }
  // By the plan alone file b would be shorter than the rest of file a, and would wait.
  const auto placements = queue.next({{0, "a"}, {1, ""}}, now);
  REQUIRE(placements.size() == 2);
  CHECK(placements[1].batch == 30);
  CHECK(placements[1].expected_s > 40);
}

TEST_CASE("files with a duration of zero are dealt too") {
  const std::vector<Batch> batches{batch("a", 0, 1, 0), batch("a", 0, 1, 0), batch("b", 0, 2, 0), batch("c", 0, 1, 0)};
  Queue queue(batches, all(batches));
  std::size_t count = 0;
  for (int i = 0; i < 10; ++i) count += queue.next({{0, "a"}, {1, ""}}, i).size();
  CHECK(count == 4);
  CHECK(queue.empty());
}

TEST_CASE("a gang is placed completely, on the closest cards, before the singles") {
  const cards::Topology topology({{0, 0, 1, 1}});
  const std::vector<Batch> batches{batch("single", 50), batch("gang", 5, 2)};
  Queue queue(batches, all(batches), topology);
  const auto placements = queue.next(cold({0, 2, 3}), 0);
  REQUIRE(placements.size() == 2);
  CHECK(placements[0].batch == 1);
  CHECK(placements[0].cards == std::vector<int>{2, 3});
  CHECK(placements[1].cards == std::vector<int>{0});
}

TEST_CASE("a gang continues where its file is open") {
  const std::vector<Batch> batches{batch("gang", 5, 2), batch("gang", 4, 2)};
  Queue queue(batches, all(batches));
  REQUIRE(queue.next(cold({1, 3}), 0).size() == 1);
  const auto next = queue.next({{0, ""}, {1, "gang"}, {2, ""}, {3, "gang"}}, 8);
  REQUIRE(next.size() == 1);
  CHECK(next[0].cards == std::vector<int>{1, 3});
  CHECK(!next[0].imports);
}

TEST_CASE("a single does not use a gang's worker") {
  const std::vector<Batch> batches{batch("f", 5, 2), batch("f", 4)};
  Queue queue(batches, all(batches));
  REQUIRE(queue.next(cold({0, 1}), 0).size() == 1);
  const auto next = queue.next({{0, "f"}, {1, "f"}}, 8);
  REQUIRE(next.size() == 1);
  CHECK(next[0].imports);
}

TEST_CASE("cards are reserved for a waiting gang, and lent only to batches that end in time") {
  // Card 1 is busy until 23; the gang needs both.
  const std::vector<Batch> batches{batch("first", 20), batch("gang", 30, 2), batch("long", 40), batch("short", 5)};
  const std::vector<std::size_t> wanted = all(batches);
  Queue queue(batches, wanted);
  for (const std::size_t other : {1, 2, 3}) queue.remove(other);
  REQUIRE(started(queue.next(cold({1}), 0)) == std::vector<std::size_t>{0});
  for (const std::size_t other : {1, 2, 3}) queue.put_back(other);

  // The short batch ends at 9, before 23. The long one would not, although it is more urgent.
  CHECK(started(queue.next(cold({0}), 1)) == std::vector<std::size_t>{3});
  CHECK(queue.next({{0, "short"}}, 9).empty());
  const auto gang = queue.next({{0, "short"}, {1, "first"}}, 23);
  REQUIRE(started(gang) == std::vector<std::size_t>{1});
  CHECK(gang[0].cards == std::vector<int>{0, 1});
  CHECK(started(queue.next({{0, "gang"}, {1, "gang"}}, 56)) == std::vector<std::size_t>{2});
}

TEST_CASE("a gang that waits for a lost card gets another one") {
  const std::vector<Batch> batches{batch("first", 20), batch("gang", 30, 2)};
  Queue queue(batches, all(batches));
  queue.remove(1);
  REQUIRE(queue.next(cold({1}), 0).size() == 1);
  queue.put_back(1);
  CHECK(queue.next(cold({0}), 1).empty());
  queue.put_back(0);  // card 1 is lost, and another card has to run its batch
  CHECK(started(queue.next(cold({0}), 2)) == std::vector<std::size_t>{0});
  CHECK(started(queue.next({{0, "first"}, {2, ""}}, 30)) == std::vector<std::size_t>{1});
}

TEST_CASE("a gang that needs more cards than there are blocks no other batch") {
  const std::vector<Batch> batches{batch("gang", 30, 3), batch("a", 5), batch("b", 5)};
  Queue queue(batches, all(batches));
  CHECK(queue.next(cold({0, 1}), 0).size() == 2);
  CHECK(queue.next({{0, "a"}, {1, "b"}}, 8).empty());
  CHECK(queue.waiting() == std::vector<std::size_t>{0});
}

TEST_CASE("a batch can be given to a card out of turn") {
  const std::vector<Batch> batches{batch("a", 9), batch("b", 5), batch("c", 1)};
  Queue queue(batches, all(batches));
  REQUIRE(started(queue.next(cold({0}), 0)) == std::vector<std::size_t>{0});
  queue.put_back(0, 0.5);
  const Placement placement = queue.take(2, {1}, true, 0);
  CHECK(placement.cards == std::vector<int>{1});
  CHECK(placement.expected_s == Approx(4));
  CHECK(queue.waiting() == std::vector<std::size_t>{0, 1});
  CHECK(queue.take(0, {1}, false, 4).expected_s == Approx(4.5));
  CHECK(started(queue.next(cold({0}), 4)) == std::vector<std::size_t>{1});
  CHECK(queue.empty());
}
