// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/dispatcher.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "agent/core/text.hpp"

namespace spyre::execute {

namespace {

// A worker that cannot be started may find a card that is still busy; one that cannot be started again and again finds
// one that is broken.
constexpr int start_attempts = 3;
// What running cases get to clean up when the run is stopped: the agent itself has four seconds.
constexpr auto farewell = std::chrono::seconds{1};

}  // namespace

Dispatcher::Dispatcher(const plan::Plan& plan, int cards, BatchQueue& queue, const WorkerRules& rules,
                       RunKnowledge& knowledge)
    : m_plan(plan), m_queue(queue), m_rules(rules), m_knowledge(knowledge), m_cards(static_cast<std::size_t>(cards)) {
  for (std::size_t i = 0; i < plan.batches.size(); ++i) m_numbers.emplace(plan.batches[i].id, i);
}

Actions Dispatcher::begin(SteadyTime now) {
  Actions out;
  if (m_rules.execute.run_timeout > Seconds::zero()) {
    m_run_ends = now + std::chrono::duration_cast<SteadyTime::duration>(m_rules.execute.run_timeout);
  }
  drop_unplaceable({}, out);
  settle(now, out);
  return out;
}

bool Dispatcher::is_finished() const {
  return m_active.empty() && m_pending.empty() && (m_stopping || m_queue.empty());
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
  const auto worker = std::visit(
      [](const auto& one) {
        if constexpr (requires { one.worker; }) return std::optional<WorkerId>(one.worker);
        return std::optional<WorkerId>();
      },
      event);
  if (const auto found = worker ? m_active.find(*worker) : m_active.end(); found != m_active.end()) {
    // When the run is stopped, nothing that workers still say is their tests' doing.
    if (!m_stopping) found->second.handle(event, now, out);
    if (m_stopping && std::holds_alternative<WorkerGone>(event)) m_active.erase(found);
    if (!m_stopping && !found->second.is_busy()) settle(now, out);
  }
  if (now >= deadline()) tick(now, out);
  return out;
}

SteadyTime Dispatcher::deadline() const {
  if (m_stopping) return m_kill_at;
  SteadyTime earliest = m_run_ends;
  for (const auto& [id, driver] : m_active) earliest = std::min(earliest, driver.deadline());
  return earliest;
}

void Dispatcher::tick(SteadyTime now, Actions& out) {
  if (m_stopping) return kill_all(out);
  if (now >= m_run_ends) return out_of_time(now, out);
  for (auto& [id, driver] : m_active) driver.tick(now, out);
  settle(now, out);
}

void Dispatcher::settle(SteadyTime now, Actions& out) {
  // A batch may be finished as soon as it is assigned, when it has no cases in the open file: again, until all that
  // have work are at it.
  do {
    take_results();
    take_gone_workers(now, out);
    if (m_stopping) return;
    place_waiting(now, out);
    start_pending(now, out);
  } while (std::any_of(m_active.begin(), m_active.end(),
                       [](const auto& entry) { return entry.second.batch() != nullptr && !entry.second.is_busy(); }));
  dismiss_idle(now, out);
}

void Dispatcher::take_results() {
  for (auto& [id, driver] : m_active) {
    // A finished batch has written all it knows: only its worker is of further use.
    if (driver.state() != WorkerDriver::State::gone) driver.take_batch();
    if (driver.state() == WorkerDriver::State::starting || !driver.start_failure().empty()) continue;
    for (const int number : driver.cards()) card(number).failures = 0;
  }
}

void Dispatcher::take_gone_workers(SteadyTime now, Actions& out) {
  for (auto it = m_active.begin(); it != m_active.end();) {
    if (it->second.state() != WorkerDriver::State::gone) {
      ++it;
      continue;
    }
    WorkerDriver driver = std::move(it->second);
    it = m_active.erase(it);
    for (const int number : driver.cards()) card(number).worker.reset();
    if (!driver.start_failure().empty()) worker_failed(driver, now, out);
    std::unique_ptr<BatchRun> batch = driver.take_batch();
    if (batch == nullptr || batch->is_finished() || m_stopping) continue;
    if (!any_card(driver.cards(), [](const Card& each) { return each.retired; })) {
      await(driver.cards(), std::move(batch));
      continue;
    }
    const std::size_t number = m_numbers.at(batch->batch().id);
    m_put_back.insert_or_assign(number, std::move(batch));
    m_queue.put_back(number);
    drop_unplaceable(driver.start_failure(), out);
  }
}

void Dispatcher::worker_failed(const WorkerDriver& driver, SteadyTime now, Actions& out) {
  if (driver.is_unusable()) {
    if (!m_stopping) out.emplace_back(note::Infra{"tests cannot be run: " + driver.start_failure()});
    return stop(now, out);
  }
  out.emplace_back(
      note::Warning{fmt::format("worker {} could not be started: {}", driver.id(), driver.start_failure())});
  for (const int number : driver.cards()) {
    if (++card(number).failures >= start_attempts) retire(number, driver.start_failure(), out);
  }
}

void Dispatcher::retire(int number, const std::string& why, Actions& out) {
  if (std::exchange(card(number).retired, true)) return;
  out.emplace_back(
      note::Infra{fmt::format("card {} is not used any more: no worker can be started on it: {}", number, why)});
  drop_unplaceable(why, out);
}

// What needs more cards than can be had is not run, instead of waiting for ever.
void Dispatcher::drop_unplaceable(const std::string& why, Actions& out) {
  const int usable = usable_cards();
  for (const std::size_t number : m_queue.waiting()) {
    const plan::Batch& batch = m_plan.batches[number];
    if (batch.cards <= usable) continue;
    m_queue.remove(number);
    m_put_back.erase(number);
    const std::string reason = usable == 0
                                   ? "no card can be used: " + why
                                   : fmt::format("needs {} cards, and only {} can be used", batch.cards, usable);
    out.emplace_back(note::BatchNotRun{batch.id, reason});
  }
}

int Dispatcher::usable_cards() const {
  return static_cast<int>(
      std::count_if(m_cards.begin(), m_cards.end(), [](const Card& card) { return !card.retired; }));
}

bool Dispatcher::any_card(const std::vector<int>& cards, bool (*holds)(const Card&)) const {
  return std::any_of(cards.begin(), cards.end(),
                     [&](int number) { return holds(m_cards[static_cast<std::size_t>(number)]); });
}

WorkerDriver* Dispatcher::worker_on(int number) {
  const auto worker = card(number).worker;
  return worker ? &m_active.at(*worker) : nullptr;
}

void Dispatcher::await(std::vector<int> cards, std::unique_ptr<BatchRun> batch) {
  for (const int number : cards) card(number).awaited = true;
  m_pending.push_back({std::move(cards), std::move(batch)});
}

std::vector<FreeCard> Dispatcher::free_cards() {
  std::vector<FreeCard> free;
  for (int number = 0; number < static_cast<int>(m_cards.size()); ++number) {
    if (card(number).retired || card(number).awaited) continue;
    const WorkerDriver* worker = worker_on(number);
    if (worker == nullptr) free.push_back({number, {}});
    if (worker != nullptr && worker->is_free()) free.push_back({number, worker->warm_file()});
  }
  return free;
}

void Dispatcher::place_waiting(SteadyTime now, Actions& out) {
  while (!m_queue.empty()) {
    const auto placement = m_queue.next(free_cards());
    if (!placement) return;
    place(*placement, now, out);
    take_results();  // a batch without a case ends at once, and nothing more will be heard of it
  }
}

void Dispatcher::place(const Placement& placement, SteadyTime now, Actions& out) {
  const plan::Batch& batch = m_plan.batches[placement.batch];
  const int first_card = placement.cards.front();
  std::unique_ptr<BatchRun> run;
  if (const auto begun = m_put_back.find(placement.batch); begun != m_put_back.end()) {
    run = std::move(begun->second);
    run->move_to(first_card);
    m_put_back.erase(begun);
  } else {
    run = std::make_unique<BatchRun>(batch, first_card, m_knowledge);
  }
  out.emplace_back(note::BatchStarted{batch.id, first_card});
  // A file that could not be collected is not tried again by its other batches.
  if (m_knowledge.not_collected.contains(batch.file)) return run->not_collected({}, out);

  for (const int number : placement.cards) {
    WorkerDriver* worker = worker_on(number);
    if (worker == nullptr) continue;
    if (worker->cards() == placement.cards) return worker->assign(std::move(run), now, out);
    if (worker->is_free()) worker->quit(now, out);
  }
  await(placement.cards, std::move(run));
}

void Dispatcher::start_pending(SteadyTime now, Actions& out) {
  for (auto it = m_pending.begin(); it != m_pending.end();) {
    if (any_card(it->cards, [](const Card& each) { return each.worker.has_value(); })) {
      ++it;
      continue;
    }
    const WorkerId id = m_next_worker++;
    for (const int number : it->cards) {
      card(number).worker = id;
      card(number).awaited = false;
    }
    WorkerDriver& driver = m_active.emplace(id, WorkerDriver(id, it->cards, m_rules, now, out)).first->second;
    driver.assign(std::move(it->batch), now, out);
    it = m_pending.erase(it);
  }
}

void Dispatcher::dismiss_idle(SteadyTime now, Actions& out) {
  if (!m_queue.empty()) return;
  for (auto& [id, driver] : m_active) {
    if (driver.is_free()) driver.quit(now, out);
  }
}

// What is left is accounted for by the record: cases that wait are not_run, with the reason that it is told.
void Dispatcher::stop(SteadyTime now, Actions& out) {
  if (m_stopping) return;
  m_stopping = true;
  m_pending.clear();
  m_kill_at = now;
  for (auto& [id, driver] : m_active) {
    const std::size_t before = out.size();
    driver.ask_to_end(out);
    if (out.size() > before) m_kill_at = now + farewell;
  }
}

void Dispatcher::out_of_time(SteadyTime now, Actions& out) {
  const std::string reason =
      fmt::format("the run's time limit of {} was over", format_duration(m_rules.execute.run_timeout));
  const auto not_run = [&](const std::string& batch) { out.emplace_back(note::BatchNotRun{batch, reason}); };
  for (const std::size_t number : m_queue.waiting()) not_run(m_plan.batches[number].id);
  for (const Pending& pending : m_pending) not_run(pending.batch->batch().id);
  for (const auto& [id, driver] : m_active) {
    if (const BatchRun* batch = driver.batch()) not_run(batch->batch().id);
  }
  stop(now, out);
}

void Dispatcher::kill_all(Actions& out) {
  for (auto& [id, driver] : m_active) driver.kill(out);
  m_kill_at = SteadyTime::max();
}

}  // namespace spyre::execute
