// SPDX-License-Identifier: Apache-2.0
// Which batch goes to which cards now. One interface, so that another rule is another class.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "agent/plan/plan.hpp"

namespace spyre::execute {

struct FreeCard {
  int card = 0;
  std::string warm_file;  // open on a worker of this card: its next batch costs no import
};

struct Placement {
  std::size_t batch = 0;   // index into Plan::batches
  std::vector<int> cards;  // as many as the batch needs, among the free ones
};

class BatchQueue {
 public:
  virtual ~BatchQueue() = default;
  // Takes a batch out of the queue for some of the free cards; nothing when the free cards are to wait, or the queue is
  // empty. `free` is sorted by card.
  virtual std::optional<Placement> next(const std::vector<FreeCard>& free) = 0;
  // A batch that could not be run where it was placed.
  virtual void put_back(std::size_t batch) = 0;
  virtual void remove(std::size_t batch) = 0;
  virtual bool empty() const = 0;
  // Batches that are still in the queue, in no particular order.
  virtual std::vector<std::size_t> waiting() const = 0;
};

// Each card works through its own shard of the plan, in the plan's order but batches of the open file first; a card
// whose shard is empty takes from the shard with most work left. A gang's batch goes first, and free cards wait until
// it fits: no gang starves.
class SharedQueue final : public BatchQueue {
 public:
  // `plan` outlives it. Only batches named in `wanted` (indices) are dealt. A plan with fewer or more shards than cards
  // is dealt all the same.
  SharedQueue(const plan::Plan& plan, const std::vector<std::size_t>& wanted);

  std::optional<Placement> next(const std::vector<FreeCard>& free) override;
  void put_back(std::size_t batch) override;
  void remove(std::size_t batch) override;
  bool empty() const override;
  std::vector<std::size_t> waiting() const override;

 private:
  using Lane = std::deque<std::size_t>;
  Lane* lane_for(const FreeCard& card);
  double work_in(const Lane& lane) const;

  const plan::Plan& m_plan;
  std::vector<Lane> m_lanes;  // a shard's batches; the last lane has those of no shard
  Lane m_gangs;
};

}  // namespace spyre::execute
