// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/dispatcher.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "agent/core/text.hpp"

namespace spyre::execute {

namespace {

// Time for running cases to clean up when the run is stopped: the agent itself has four seconds.
constexpr auto farewell = std::chrono::seconds{1};

note::Warning describe_ignored(const SignalIgnored& ignored) {
  const std::string name = signal_name(ignored.signal);
  if (!ignored.is_gone) return {fmt::format("a test sent the agent {}, which is ignored", name), "signals"};
  return {
      fmt::format("{} came from process {}, which has ended and may have been a test's: it is ignored; a second one "
                  "within 5 s stops the run",
                  name, ignored.pid),
      "signals"};
}

}  // namespace

Dispatcher::Dispatcher(const plan::Plan& plan, cards::CardPool& pool, plan::Queue& queue, const WorkerRules& rules,
                       RunKnowledge& knowledge)
    : m_plan(plan), m_pool(pool), m_queue(queue), m_rules(rules), m_knowledge(knowledge), m_cards(pool.cards().size()) {
  for (std::size_t i = 0; i < plan.batches.size(); ++i) m_numbers.emplace(plan.batches[i].id, i);
}

Actions Dispatcher::begin(SteadyTime now) {
  Actions out;
  m_began = now;
  if (m_rules.execute.run_timeout > Seconds::zero()) {
    m_run_ends = now + std::chrono::duration_cast<SteadyTime::duration>(m_rules.execute.run_timeout);
  }
  if (m_rules.budget > Seconds::zero()) {
    m_budget_ends = now + std::chrono::duration_cast<SteadyTime::duration>(m_rules.budget);
  }
  drop_wider(too_few_cards(m_cards.size()), out);
  settle(now, out);
  return out;
}

bool Dispatcher::is_finished() const {
  return m_active.empty() && m_pending.empty() && (m_stopping || !has_work());
}

Actions Dispatcher::handle(const PoolEvent& event, SteadyTime now) {
  Actions out;
  if (const auto* request = std::get_if<StopRequested>(&event)) {
    if (m_stopping) {
      kill_all(out);
    } else {
      m_signal = request->signal;
      stop(now, out);
    }
  }
  if (const auto* ignored = std::get_if<SignalIgnored>(&event)) out.emplace_back(describe_ignored(*ignored));
  const auto worker = std::visit(
      [](const auto& one) {
        if constexpr (requires { one.worker; }) return std::optional<WorkerId>(one.worker);
        return std::optional<WorkerId>();
      },
      event);
  if (const auto found = worker ? m_active.find(*worker) : m_active.end(); found != m_active.end()) {
    // When the run is stopped, later messages of workers are not their tests' doing.
    const bool was_starting = found->second.state() == WorkerDriver::State::starting;
    if (!m_stopping) found->second.handle(event, now, out);
    const bool came_up = was_starting && !m_stopping && worker_came_up(found->second, out);
    if (m_stopping && std::holds_alternative<WorkerGone>(event)) m_active.erase(found);
    if (!m_stopping && (came_up || !found->second.is_busy())) settle(now, out);
  }
  if (now >= deadline()) tick(now, out);
  return out;
}

Actions Dispatcher::lose_cards(const std::string& why, SteadyTime now) {
  Actions out;
  if (m_stopping) return out;
  out.emplace_back(note::Infra{why});
  give_up(told(results::Cause::Kind::infra, why), now, out);
  return out;
}

SteadyTime Dispatcher::deadline() const {
  if (m_stopping) return m_kill_at;
  SteadyTime earliest = std::min(m_run_ends, m_budget_ends);
  for (const auto& [id, driver] : m_active) earliest = std::min(earliest, driver.deadline());
  const bool waits = has_work() || !m_pending.empty();
  if (!waits) return earliest;
  if (m_refused_until) earliest = std::min(earliest, *m_refused_until);
  return std::min(earliest, m_pool.next_look().value_or(SteadyTime::max()));
}

void Dispatcher::tick(SteadyTime now, Actions& out) {
  if (m_stopping) return kill_all(out);
  if (now >= m_run_ends) {
    return give_up({results::Cause::Kind::run_limit, m_rules.execute.run_timeout.count()}, now, out);
  }
  if (now >= m_budget_ends) end_budget(now, out);
  for (auto& [id, driver] : m_active) driver.tick(now, out);
  settle(now, out);
}

void Dispatcher::settle(SteadyTime now, Actions& out) {
  // A batch may be finished as soon as it is assigned, if it has no cases in the open file. Repeat until all workers
  // that can have work have it.
  do {
    clear_cards(out);
    take_results(now, out);
    take_gone_workers(now, out);
    if (m_stopping) return;
    drop_failing_gangs(out);
    probe_suspects(now, out);
    place_moving(now, out);
    place_waiting(now, out);
    start_pending(now, out);
    drop_hopeless_gangs(out);
  } while (std::any_of(m_active.begin(), m_active.end(),
                       [](const auto& entry) { return entry.second.batch() != nullptr && !entry.second.is_busy(); }));
  dismiss_idle(now, out);
}

void Dispatcher::take_results(SteadyTime now, Actions& out) {
  for (auto& [id, driver] : m_active) {
    if (driver.state() == WorkerDriver::State::gone) continue;
    // A finished batch is completely written: only its worker is still useful.
    std::unique_ptr<BatchRun> batch = driver.take_batch();
    if (batch == nullptr) continue;
    if (batch->is_finished()) m_refusals = 0;
    if (!batch->is_finished()) move(std::move(batch), driver.cards().front(), now);
    if (is_to_rest(driver) && driver.is_free()) driver.quit(now, out);
  }
}

void Dispatcher::take_gone_workers(SteadyTime now, Actions& out) {
  std::string refusal;
  for (auto it = m_active.begin(); it != m_active.end();) {
    if (it->second.state() != WorkerDriver::State::gone) {
      ++it;
      continue;
    }
    WorkerDriver driver = std::move(it->second);
    it = m_active.erase(it);
    const bool failed = !driver.start_failure().empty() && m_dismissed.erase(driver.id()) == 0;
    if (failed) worker_failed(driver, out);
    if (!driver.refusal().empty()) refusal = driver.refusal();
    release_cards(driver, failed, out);
    std::unique_ptr<BatchRun> batch = driver.take_batch();
    if (batch == nullptr || batch->is_finished() || m_stopping) continue;
    if (batch->leaves()) {
      move(std::move(batch), driver.cards().front(), now);
    } else if (is_out_of_use(driver.cards())) {
      put_back(std::move(batch));
    } else {
      await(driver.cards(), std::move(batch));
    }
  }
  if (!refusal.empty() && !m_stopping) machine_refused(refusal, now, out);
  judge_set_up(now, out);
  if (!m_stopping && m_pool.is_hopeless()) call_back_resting(out);
  if (!m_stopping && m_pool.is_hopeless()) {
    std::ranges::move(std::exchange(m_deferred_notes, {}), std::back_inserter(out));
    out.emplace_back(note::Infra{"too many cards cannot be used: " + m_last_cordon});
    give_up(told(results::Cause::Kind::cards_faulty, m_last_cordon), now, out);
  }
}

results::Cause Dispatcher::too_few_cards(std::size_t usable) const {
  results::Cause cause{results::Cause::Kind::too_few_cards};
  cause.usable_cards = static_cast<int>(usable);
  cause.all_cards = static_cast<int>(m_cards.size());
  return cause;
}

// Batches that need more cards than there are do not run, instead of waiting forever.
void Dispatcher::drop_wider(results::Cause cause, Actions& out) {
  for (const std::size_t number : m_queue.waiting()) {
    cause.cards = m_plan.batches[number].cards;
    if (cause.cards > cause.usable_cards) drop(number, cause, out);
  }
}

void Dispatcher::drop(std::size_t number, const results::Cause& cause, Actions& out) {
  m_queue.remove(number);
  m_put_back.erase(number);
  out.emplace_back(note::BatchNotRun{m_plan.batches[number].id, cause});
}

WorkerDriver* Dispatcher::worker_on(int number) {
  const auto worker = card(number).worker;
  return worker ? &m_active.at(*worker) : nullptr;
}

void Dispatcher::dismiss_idle(SteadyTime now, Actions& out) {
  if (has_work()) return;
  for (auto& [id, driver] : m_active) {
    if (!driver.is_free()) continue;
    if (driver.state() == WorkerDriver::State::starting) m_dismissed.insert(id);  // its end says nothing about its card
    driver.quit(now, out);
  }
}

// The record accounts for the rest: waiting cases are not_run, with the reason given here.
void Dispatcher::stop(SteadyTime now, Actions& out) {
  if (m_stopping) return;
  m_stopping = true;
  m_pending.clear();
  m_moving.clear();
  m_kill_at = now;
  for (auto& [id, driver] : m_active) {
    const std::size_t before = out.size();
    driver.ask_to_end(out);
    if (out.size() > before) m_kill_at = now + farewell;
  }
}

void Dispatcher::give_up(const results::Cause& cause, SteadyTime now, Actions& out) {
  const auto not_run = [&](const std::string& batch) { out.emplace_back(note::BatchNotRun{batch, cause}); };
  for (const std::size_t number : m_queue.waiting()) not_run(m_plan.batches[number].id);
  for (const Pending& pending : m_pending) not_run(pending.batch->batch().id);
  for (const Moving& moving : m_moving) not_run(moving.batch->batch().id);
  for (const auto& [id, driver] : m_active) {
    if (const BatchRun* batch = driver.batch()) not_run(batch->batch().id);
  }
  stop(now, out);
}

void Dispatcher::end_budget(SteadyTime now, Actions& out) {
  m_budget_ends = SteadyTime::max();
  const results::Cause cause{results::Cause::Kind::budget, m_rules.budget.count()};
  for (const std::size_t number : m_queue.waiting()) drop(number, cause, out);
  for (const Pending& pending : m_pending) {
    for (const int number : pending.cards) card(number).awaited = false;
    pending.batch->end(cause, out);
  }
  m_pending.clear();
  for (const Moving& moving : m_moving) moving.batch->end(cause, out);
  m_moving.clear();
  for (auto& [id, driver] : m_active) driver.wind_down(cause, now, out);
}

void Dispatcher::kill_all(Actions& out) {
  for (auto& [id, driver] : m_active) driver.kill(out);
  m_kill_at = SteadyTime::max();
}

}  // namespace spyre::execute
