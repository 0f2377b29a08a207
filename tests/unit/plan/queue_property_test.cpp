// SPDX-License-Identifier: Apache-2.0
// Properties of the shared queue, for all batches and all actual durations.
#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include <rapidcheck.h>

#include "agent/plan/queue.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::plan;

namespace {

struct Ended {
  std::size_t batch = 0;
  std::vector<int> cards;
  double start_s = 0, end_s = 0;
};

std::vector<Batch> random_batches(int widest) {
  std::vector<Batch> batches;
  const int count = *rc::gen::inRange(1, 60);
  for (int i = 0; i < count; ++i) {
    Batch batch;
    batch.file = "test_" + std::to_string(*rc::gen::inRange(0, 6)) + ".py";
    batch.import_s = *rc::gen::inRange(0, 5);
    batch.estimate_s = batch.import_s + *rc::gen::inRange(0, 60);
    if (*rc::gen::inRange(0, 4) == 0) batch.cards = *rc::gen::inRange(1, widest + 1);
    batches.push_back(batch);
  }
  return batches;
}

// Cards that run the queue's batches.
class Floor {
 public:
  Floor(Queue& queue, const std::vector<Batch>& batches, int cards) : m_queue(queue), m_batches(batches) {
    for (int card = 0; card < cards; ++card) m_free[card] = "";
  }

  // Start the queue's batches on the free cards; each batch takes `error` times its estimate.
  template <typename Error>
  void start(Error error) {
    std::vector<FreeCard> free;
    for (const auto& [card, file] : m_free) free.push_back({card, file});
    for (const Placement& placement : m_queue.next(free, m_now)) {
      for (const int card : placement.cards) RC_ASSERT(m_free.erase(card) == 1u);  // free, and assigned once
      RC_ASSERT(placement.cards.size() == static_cast<std::size_t>(m_batches[placement.batch].cards));
      RC_ASSERT(std::ranges::is_sorted(placement.cards));
      running.push_back({placement.batch, placement.cards, m_now, m_now + placement.expected_s * error()});
      started.push_back(running.back());
    }
  }
  // Advance to the end of the next batch.
  void end_first() {
    const auto first = std::ranges::min_element(running, {}, &Ended::end_s);
    m_now = first->end_s;
    for (const int card : first->cards) m_free[card] = m_batches[first->batch].file;
    running.erase(first);
  }
  template <typename Error>
  void run_dry(Error error) {
    for (start(error); !running.empty(); start(error)) end_first();
  }

  std::vector<Ended> running, started;

 private:
  Queue& m_queue;
  const std::vector<Batch>& m_batches;
  std::map<int, std::string> m_free;
  double m_now = 0;
};

double any_error() {
  return *rc::gen::inRange(1, 17) / 4.0;
}
double no_error() {
  return 1;
}

std::vector<std::size_t> all(const std::vector<Batch>& batches) {
  std::vector<std::size_t> wanted(batches.size());
  std::iota(wanted.begin(), wanted.end(), std::size_t{0});
  return wanted;
}

}  // namespace

TEST_CASE("property: every batch runs exactly once, and no card runs two at a time") {
  CHECK(rc::check([] {
    const int cards = *rc::gen::inRange(1, 12);
    const auto batches = random_batches(cards);
    Queue queue(batches, all(batches));
    Floor floor(queue, batches, cards);
    floor.run_dry(any_error);
    RC_ASSERT(queue.empty());
    std::set<std::size_t> seen;
    for (const Ended& one : floor.started) RC_ASSERT(seen.insert(one.batch).second);
    RC_ASSERT(seen.size() == batches.size());
  }));
}

TEST_CASE("property: only batches that need more cards than there are remain") {
  CHECK(rc::check([] {
    const int cards = *rc::gen::inRange(1, 6);
    const auto batches = random_batches(8);
    Queue queue(batches, all(batches));
    Floor(queue, batches, cards).run_dry(any_error);
    for (const std::size_t batch : queue.waiting()) RC_ASSERT(batches[batch].cards > cards);
    const auto wide = std::ranges::count_if(batches, [&](const Batch& batch) { return batch.cards > cards; });
    RC_ASSERT(queue.waiting().size() == static_cast<std::size_t>(wide));
  }));
}

TEST_CASE("property: the same calls give the same placements") {
  CHECK(rc::check([] {
    const int cards = *rc::gen::inRange(1, 12);
    const auto batches = random_batches(cards);
    const auto run = [&] {
      Queue queue(batches, all(batches));
      Floor floor(queue, batches, cards);
      floor.run_dry(no_error);
      return floor.started;
    };
    const auto first = run(), second = run();
    RC_ASSERT(first.size() == second.size());
    for (std::size_t i = 0; i < first.size(); ++i) {
      RC_ASSERT(first[i].batch == second[i].batch);
      RC_ASSERT(first[i].cards == second[i].cards);
    }
  }));
}

TEST_CASE("property: with true estimates a gang waits at most for the batches that run at its turn") {
  CHECK(rc::check([] {
    const int cards = *rc::gen::inRange(2, 8);
    auto batches = random_batches(1);
    Batch gang;
    gang.file = "gang.py";
    gang.import_s = 1;
    gang.estimate_s = *rc::gen::inRange(2, 60);
    gang.cards = *rc::gen::inRange(2, cards + 1);
    batches.push_back(gang);
    const std::size_t number = batches.size() - 1;

    Queue queue(batches, all(batches));
    queue.remove(number);
    Floor floor(queue, batches, cards);
    floor.start(no_error);
    double over = 0;
    for (const Ended& one : floor.running) over = std::max(over, one.end_s);
    queue.put_back(number);  // it arrives now, and singles continue to arrive
    floor.run_dry(no_error);
    const auto placed = std::ranges::find(floor.started, number, &Ended::batch);
    RC_ASSERT(placed != floor.started.end());
    RC_ASSERT(placed->start_s <= over + 1e-9);
  }));
}
