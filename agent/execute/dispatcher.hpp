// SPDX-License-Identifier: Apache-2.0
// A run as a state machine: deals batches to cards, replaces workers, and knows when it is over. Pure: what happened
// and the time go in, actions come out.
//
// What hangs, and what crashes on a card of which nothing good is known, is tried again on another card if there is
// one. A card on which nothing comes to its end (cards/hangs.hpp) is cordoned while others can do its work,
// and comes back when the tests prove to hang elsewhere too, or when no other card can be used. A worker that cannot be
// started, or cannot import what every worker needs, speaks against its card: the card is cordoned and its
// work moves on. It speaks against the set-up, and ends the run, when the same was found on several cards and no worker
// has ever come up. When it is a gang that cannot be started, a worker is started on each of its cards alone, which
// clears or blames the card; gangs that cannot be started although no card is to blame are not run in the end.
//
// When the budget is over, nothing new begins: cases that run come to their end within their own limits, everything
// else is not run.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
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
  // A batch that is to go on elsewhere, or later.
  struct Moving {
    int from = -1;  // a card that it had better not go back to; -1: any will do
    SteadyTime since{};
    std::unique_ptr<BatchRun> batch;
  };
  struct Card {
    std::optional<WorkerId> worker;  // that has the card, be it at its end
    bool awaited = false;            // by a pending batch
  };

  void settle(SteadyTime now, Actions& out);
  void take_results(SteadyTime now, Actions& out);
  void clear_cards(Actions& out);
  void call_back_resting(Actions& out);
  bool is_to_rest(const WorkerDriver& driver) const;
  bool has_work() const { return !m_queue.empty() || !m_moving.empty(); }
  void take_gone_workers(SteadyTime now, Actions& out);
  bool worker_came_up(const WorkerDriver& driver, Actions& out);
  void machine_refused(const std::string& why, SteadyTime now, Actions& out);
  void worker_failed(const WorkerDriver& driver, Actions& out);
  void release_cards(const WorkerDriver& driver, bool failed, Actions& out);
  bool is_set_up_doubtful() const;
  void judge_set_up(SteadyTime now, Actions& out);
  void drop_failing_gangs(Actions& out);
  void drop_hopeless_gangs(Actions& out);
  void probe_suspects(SteadyTime now, Actions& out);
  void put_back(std::unique_ptr<BatchRun> batch);
  results::Cause too_few_cards(std::size_t usable) const;
  void drop_wider(results::Cause cause, Actions& out);
  void drop(std::size_t number, const results::Cause& cause, Actions& out);
  void move(std::unique_ptr<BatchRun> batch, int from, SteadyTime now);
  void place_moving(SteadyTime now, Actions& out);
  std::optional<plan::FreeCard> card_for(const Moving& moving);
  void place_waiting(SteadyTime now, Actions& out);
  void place(const plan::Placement& placement, SteadyTime now, Actions& out);
  void start_pending(SteadyTime now, Actions& out);
  void start_worker(const std::vector<int>& cards, std::unique_ptr<BatchRun> batch, SteadyTime now, Actions& out);
  void dismiss_idle(SteadyTime now, Actions& out);
  void tick(SteadyTime now, Actions& out);
  std::vector<plan::FreeCard> free_cards();
  void await(std::vector<int> cards, std::unique_ptr<BatchRun> batch);
  bool is_any(const std::vector<int>& cards, cards::CardPool::State state) const;
  bool is_out_of_use(const std::vector<int>& cards) const;
  WorkerDriver* worker_on(int number);
  Card& card(int number) { return m_cards[static_cast<std::size_t>(number)]; }
  void stop(SteadyTime now, Actions& out);
  void give_up(const results::Cause& cause, SteadyTime now, Actions& out);
  void end_budget(SteadyTime now, Actions& out);
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
  std::list<Moving> m_moving;
  std::map<std::size_t, std::unique_ptr<BatchRun>> m_put_back;  // begun, and in the queue again
  WorkerId m_next_worker = 0;
  SteadyTime m_began{};
  std::string m_last_cordon;  // which card, and why

  // Whether it is a card that fails or the set-up.
  bool m_has_worked = false;    // a worker has come up
  std::set<int> m_unusable_on;  // cards on which a worker could not be used, until one has come up
  std::string m_unusable_why;   // the last of them
  Actions m_deferred_notes;     // cordons for that reason
  std::map<int, int>
      m_gang_fails;                // gangs of this size that could not be started, since one was or a card was to blame
  std::string m_gang_why;          // the last of them
  std::set<int> m_resting;         // cordoned cards because tests hung on them
  std::set<WorkerId> m_dismissed;  // before they came up

  // What the machine did not give.
  int m_refusals = 0;                         // in a row, without a batch that came to its end
  std::optional<SteadyTime> m_refused_until;  // no worker is started before
  bool m_stopping = false;
  int m_signal = 0;
  SteadyTime m_run_ends = SteadyTime::max();
  SteadyTime m_budget_ends = SteadyTime::max();  // or it was over
  SteadyTime m_kill_at = SteadyTime::max();
};

}  // namespace spyre::execute
