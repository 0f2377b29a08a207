// SPDX-License-Identifier: Apache-2.0
// A run as a state machine: deals batches to cards, replaces workers, and knows when it is over. Pure: what happened
// and the time go in, actions come out.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/cards/pool.hpp"
#include "agent/execute/worker_driver.hpp"
#include "agent/plan/plan.hpp"
#include "agent/plan/queue.hpp"

namespace spyre::execute {

class Dispatcher {
 public:
  // All references outlive it.
  Dispatcher(const plan::Plan& plan, cards::CardPool& pool, plan::Queue& queue, const WorkerRules& rules,
             RunKnowledge& knowledge);

  Actions begin(SteadyTime now);
  Actions handle(const PoolEvent& event, SteadyTime now);
  // The cards are not the run's any more: ends it as infrastructure, for this reason.
  Actions lose_cards(const std::string& why, SteadyTime now);
  // When handle() is to be called at the latest, with DeadlinePassed.
  SteadyTime deadline() const;
  // Everything is accounted for, and all workers are gone.
  bool is_finished() const;
  // The signal that ended the run early, or 0.
  int interrupted_by() const { return m_signal; }

 private:
  // A batch that waits until its cards are free of other workers.
  struct Pending {
    std::vector<int> cards;
    std::unique_ptr<BatchRun> batch;
  };
  struct Card {
    std::optional<WorkerId> worker;  // that has the card, be it at its end
    bool awaited = false;            // by a pending batch
  };

  void settle(SteadyTime now, Actions& out);
  void take_results();
  void take_gone_workers(SteadyTime now, Actions& out);
  void worker_failed(const WorkerDriver& driver, SteadyTime now, Actions& out);
  void release_cards(const WorkerDriver& driver, Actions& out);
  void put_back(std::unique_ptr<BatchRun> batch);
  void drop_unplaceable(Actions& out);
  void place_waiting(SteadyTime now, Actions& out);
  void place(const plan::Placement& placement, SteadyTime now, Actions& out);
  void start_pending(SteadyTime now, Actions& out);
  void start_worker(const std::vector<int>& cards, std::unique_ptr<BatchRun> batch, SteadyTime now, Actions& out);
  void dismiss_idle(SteadyTime now, Actions& out);
  void tick(SteadyTime now, Actions& out);
  std::vector<plan::FreeCard> free_cards();
  void await(std::vector<int> cards, std::unique_ptr<BatchRun> batch);
  bool is_any(const std::vector<int>& cards, cards::CardPool::State state) const;
  WorkerDriver* worker_on(int number);
  Card& card(int number) { return m_cards[static_cast<std::size_t>(number)]; }
  void stop(SteadyTime now, Actions& out);
  void give_up(const std::string& reason, SteadyTime now, Actions& out);
  void kill_all(Actions& out);

  const plan::Plan& m_plan;
  cards::CardPool& m_pool;
  plan::Queue& m_queue;
  const WorkerRules& m_rules;
  RunKnowledge& m_knowledge;
  std::map<std::string, std::size_t> m_numbers;  // batch id → index
  std::vector<Card> m_cards;
  std::map<WorkerId, WorkerDriver> m_active;
  std::list<Pending> m_pending;
  std::map<std::size_t, std::unique_ptr<BatchRun>> m_put_back;  // begun, and in the queue again
  WorkerId m_next_worker = 0;
  SteadyTime m_began{};
  std::string m_last_quarantine;  // which card, and why
  bool m_stopping = false;
  int m_signal = 0;
  SteadyTime m_run_ends = SteadyTime::max();
  SteadyTime m_kill_at = SteadyTime::max();
};

}  // namespace spyre::execute
