// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/batch_queue.hpp"

#include <numeric>

#include <rapidcheck.h>

#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::execute;

namespace {

// Batches "b0", "b1", … with these files, estimates and sizes; `shards` name them by number.
struct Sketch {
  std::string file = "f";
  double estimate = 1;
  int cards = 1;
};
plan::Plan make_plan(const std::vector<Sketch>& sketches, const std::vector<std::vector<int>>& shards) {
  plan::Plan plan;
  for (const Sketch& sketch : sketches) {
    plan::Batch batch;
    batch.id = "b" + std::to_string(plan.batches.size());
    batch.file = sketch.file;
    batch.estimate_s = sketch.estimate;
    batch.cards = sketch.cards;
    plan.batches.push_back(batch);
  }
  for (const std::vector<int>& numbers : shards) {
    plan::Shard shard;
    shard.index = static_cast<int>(plan.shards.size());
    for (const int number : numbers) shard.batches.push_back("b" + std::to_string(number));
    plan.shards.push_back(shard);
  }
  return plan;
}

std::vector<std::size_t> all(const plan::Plan& plan) {
  std::vector<std::size_t> numbers(plan.batches.size());
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

std::vector<FreeCard> idle(const std::vector<int>& cards) {
  std::vector<FreeCard> result;
  for (const int card : cards) result.push_back({card, {}});
  return result;
}

}  // namespace

TEST_CASE("a card works through its own shard in order") {
  const auto plan = make_plan({{"f"}, {"g"}, {"h"}}, {{0, 2}, {1}});
  SharedQueue queue(plan, all(plan));
  CHECK(queue.next(idle({0}))->batch == 0);
  CHECK(queue.next(idle({0}))->batch == 2);
  CHECK(queue.next(idle({1}))->batch == 1);
  CHECK(queue.empty());
  CHECK_FALSE(queue.next(idle({0})).has_value());
}

TEST_CASE("batches of the open file come first") {
  const auto plan = make_plan({{"f"}, {"g"}, {"f"}}, {{0, 1, 2}});
  SharedQueue queue(plan, all(plan));
  CHECK(queue.next({{0, ""}})->batch == 0);
  CHECK(queue.next({{0, "f"}})->batch == 2);
  CHECK(queue.next({{0, "f"}})->batch == 1);
}

TEST_CASE("a card with an empty shard takes from the one with most work left") {
  const auto plan = make_plan({{"f", 1}, {"g", 9}, {"h", 5}, {"i", 5}}, {{}, {0}, {1}, {2, 3}});
  SharedQueue queue(plan, all(plan));
  CHECK(queue.next(idle({0}))->batch == 2);
  CHECK(queue.next(idle({0}))->batch == 1);
}

TEST_CASE("a plan with other shards than there are cards is dealt all the same") {
  const auto plan = make_plan({{}, {}, {}}, {{0, 1, 2}});
  SharedQueue queue(plan, all(plan));
  CHECK(queue.next(idle({7})).has_value());
  CHECK(queue.next(idle({3})).has_value());
  CHECK(queue.next(idle({0})).has_value());
  CHECK(queue.empty());
}

TEST_CASE("free cards wait for a gang until it fits, and it goes first") {
  const auto plan = make_plan({{"f"}, {"g", 1, 2}}, {{0, 1}});
  SharedQueue queue(plan, all(plan));
  CHECK_FALSE(queue.next(idle({0})).has_value());
  const auto gang = queue.next(idle({0, 1, 2}));
  REQUIRE(gang.has_value());
  CHECK(gang->batch == 1);
  CHECK(gang->cards == std::vector<int>{0, 1});
  CHECK(queue.next(idle({2}))->batch == 0);
}

TEST_CASE("a batch that is put back is dealt again, one that is removed is not") {
  const auto plan = make_plan({{}, {}}, {{0, 1}});
  SharedQueue queue(plan, all(plan));
  queue.next(idle({0}));
  queue.put_back(0);
  queue.remove(1);
  CHECK(queue.waiting() == std::vector<std::size_t>{0});
  CHECK(queue.next(idle({0}))->batch == 0);
  CHECK(queue.empty());
}

TEST_CASE("only wanted batches are dealt") {
  const auto plan = make_plan({{}, {}, {}}, {{0, 1, 2}});
  SharedQueue queue(plan, {1});
  CHECK(queue.next(idle({0}))->batch == 1);
  CHECK(queue.empty());
}

TEST_CASE("every batch is dealt exactly once, to as many free cards as it needs") {
  CHECK(rc::check([] {
    const int cards = *rc::gen::inRange(1, 6);
    const auto batches = *rc::gen::inRange<std::size_t>(0, 30);
    std::vector<Sketch> sketches;
    std::vector<std::vector<int>> shards(static_cast<std::size_t>(*rc::gen::inRange(1, 5)));
    for (std::size_t i = 0; i < batches; ++i) {
      sketches.push_back({std::string(1, *rc::gen::inRange('a', 'e')), *rc::gen::inRange(0, 9) * 1.0,
                          *rc::gen::inRange(1, cards + 1)});
      // Some batches are in no shard.
      const auto shard = *rc::gen::inRange<std::size_t>(0, shards.size() + 1);
      if (shard < shards.size()) shards[shard].push_back(static_cast<int>(i));
    }
    const auto plan = make_plan(sketches, shards);
    SharedQueue queue(plan, all(plan));
    std::vector<int> dealt(batches, 0);
    std::vector<int> everyone(static_cast<std::size_t>(cards));
    std::iota(everyone.begin(), everyone.end(), 0);
    while (const auto placement = queue.next(idle(everyone))) {
      ++dealt[placement->batch];
      RC_ASSERT(static_cast<int>(placement->cards.size()) == plan.batches[placement->batch].cards);
    }
    RC_ASSERT(queue.empty());
    RC_ASSERT(std::all_of(dealt.begin(), dealt.end(), [](int times) { return times == 1; }));
  }));
}
