// SPDX-License-Identifier: Apache-2.0
// A run as a state machine: assigns batches to cards, replaces workers, and decides when the run is over. Pure: events
// and the time go in, actions come out.
//
// A case that hangs, or that crashes on a card without any success, is tried again on another card if there is one. A
// card on which no case finishes (cards/hangs.hpp) is cordoned while others can do its work. It comes back when the
// tests prove to hang elsewhere too, or when no other card can be used. A worker that cannot be started, or cannot
// import a module that every worker needs, counts against its card: the card is cordoned and its work moves on. It
// counts against the set-up, and ends the run, if the same happened on several cards and no worker has ever come up. If
// a gang cannot be started, a worker is started on each of its cards alone, which clears or blames the card. Gangs that
// cannot be started although no card is to blame do not run in the end.
//
// After the budget nothing new begins: running cases finish within their own limits, all others are not run.
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
  // All references outlive this object.
  Dispatcher(const plan::Plan& plan, cards::CardPool& pool, plan::Queue& queue, const WorkerRules& rules,
             RunKnowledge& knowledge);

  Actions begin(SteadyTime now);
  Actions handle(const PoolEvent& event, SteadyTime now);
  // End the run as infrastructure failure for this reason: the cards no longer belong to it.
  Actions lose_cards(const std::string& why, SteadyTime now);
  // Return the time by which handle() must be called with DeadlinePassed.
  SteadyTime deadline() const;
  // Return whether every case is accounted for and all workers are gone.
  bool is_finished() const;
  // Return the signal that ended the run early, or 0.
  int interrupted_by() const { return m_signal; }

 private:
  // A batch that waits until other workers leave its cards.
  struct Pending {
    std::vector<int> cards;
    std::unique_ptr<BatchRun> batch;
  };
  // A batch that continues elsewhere or later.
  struct Moving {
    int from = -1;  // a card to avoid; -1: any card will do
    SteadyTime since{};
    std::unique_ptr<BatchRun> batch;
  };
  struct Card {
    std::optional<WorkerId> worker;  // the worker that has the card, even if it is ending
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
  std::map<std::size_t, std::unique_ptr<BatchRun>> m_put_back;  // begun, and back in the queue
  WorkerId m_next_worker = 0;
  SteadyTime m_began{};
  std::string m_last_cordon;  // the card and the reason

  // Evidence for a fault of the set-up instead of the cards.
  bool m_has_worked = false;        // a worker has come up
  std::set<int> m_unusable_on;      // cards on which no worker was usable, until one has come up
  std::string m_unusable_why;       // the last reason
  Actions m_deferred_notes;         // cordons for that reason
  std::map<int, int> m_gang_fails;  // gang size → failed starts since a start or a blamed card
  std::string m_gang_why;           // the last reason
  std::set<int> m_resting;          // cards that are cordoned because tests hung on them
  std::set<WorkerId> m_dismissed;   // workers that were ended before they came up

  // Resources that the machine refused.
  int m_refusals = 0;                         // in a row, without a finished batch
  std::optional<SteadyTime> m_refused_until;  // no worker is started before this time
  bool m_stopping = false;
  int m_signal = 0;
  SteadyTime m_run_ends = SteadyTime::max();
  SteadyTime m_budget_ends = SteadyTime::max();  // or when it ended
  SteadyTime m_kill_at = SteadyTime::max();
};

}  // namespace spyre::execute
