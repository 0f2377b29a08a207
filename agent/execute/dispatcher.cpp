// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/dispatcher.hpp"

#include <algorithm>
#include <iterator>
#include <ranges>
#include <utility>

#include <fmt/format.h>

#include "agent/cards/health.hpp"
#include "agent/core/text.hpp"

namespace spyre::execute {

namespace {

// What running cases get to clean up when the run is stopped: the agent itself has four seconds.
constexpr auto farewell = std::chrono::seconds{1};
// A worker that cannot be used on so many cards, or on all, and was never used on another, is the fault of the set-up.
constexpr std::size_t cards_to_doubt_set_up = 3;
// So often a gang that cannot be started is tried, as long as no card is found to be the cause.
constexpr int gang_tries = 3;

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
  drop_wider(m_cards.size(), fmt::format("there are only {}", m_cards.size()), out);
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
  const auto worker = std::visit(
      [](const auto& one) {
        if constexpr (requires { one.worker; }) return std::optional<WorkerId>(one.worker);
        return std::optional<WorkerId>();
      },
      event);
  if (const auto found = worker ? m_active.find(*worker) : m_active.end(); found != m_active.end()) {
    // When the run is stopped, nothing that workers still say is their tests' doing.
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
  give_up(why, now, out);
  return out;
}

SteadyTime Dispatcher::deadline() const {
  if (m_stopping) return m_kill_at;
  SteadyTime earliest = m_run_ends;
  for (const auto& [id, driver] : m_active) earliest = std::min(earliest, driver.deadline());
  const bool waits = has_work() || !m_pending.empty();
  return waits ? std::min(earliest, m_pool.next_look().value_or(SteadyTime::max())) : earliest;
}

void Dispatcher::tick(SteadyTime now, Actions& out) {
  if (m_stopping) return kill_all(out);
  if (now >= m_run_ends) {
    const std::string limit = format_duration(m_rules.execute.run_timeout);
    return give_up(fmt::format("the run's time limit of {} was over", limit), now, out);
  }
  for (auto& [id, driver] : m_active) driver.tick(now, out);
  settle(now, out);
}

void Dispatcher::settle(SteadyTime now, Actions& out) {
  // A batch may be finished as soon as it is assigned, when it has no cases in the open file: again, until all that
  // have work are at it.
  do {
    acquit_cards(out);
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
    // A finished batch has written all it knows: only its worker is of further use.
    std::unique_ptr<BatchRun> batch = driver.take_batch();
    if (batch == nullptr) continue;
    if (!batch->is_finished()) m_moving.push_back({driver.cards().front(), now, std::move(batch)});
    if (is_to_rest(driver) && driver.is_free()) driver.quit(now, out);
  }
}

// Nothing comes to its end on its card, and others can do the card's work.
bool Dispatcher::is_to_rest(const WorkerDriver& driver) const {
  return driver.cards().size() == 1 && m_knowledge.hangs.is_dead(driver.cards().front()) && m_pool.can_spare_one();
}

void Dispatcher::acquit_cards(Actions& out) {
  std::erase_if(m_resting, [&](int number) {
    const bool is_over = m_pool.state(number) != cards::CardPool::State::quarantined;
    const bool is_innocent = !m_knowledge.hangs.is_dead(number);
    if (is_over) {
      m_knowledge.hangs.give_chance(number);
    } else if (is_innocent) {
      m_pool.acquit(number);
      out.emplace_back(
          note::Warning{fmt::format("card {}: what hung on it hangs elsewhere too; it is used again", number)});
    }
    return is_over || is_innocent;
  });
}

void Dispatcher::take_gone_workers(SteadyTime now, Actions& out) {
  for (auto it = m_active.begin(); it != m_active.end();) {
    if (it->second.state() != WorkerDriver::State::gone) {
      ++it;
      continue;
    }
    WorkerDriver driver = std::move(it->second);
    it = m_active.erase(it);
    const bool failed = !driver.start_failure().empty() && m_dismissed.erase(driver.id()) == 0;
    if (failed) worker_failed(driver, out);
    release_cards(driver, failed, out);
    std::unique_ptr<BatchRun> batch = driver.take_batch();
    if (batch == nullptr || batch->is_finished() || m_stopping) continue;
    if (batch->leaves()) {
      m_moving.push_back({driver.cards().front(), now, std::move(batch)});
    } else if (is_out_of_use(driver.cards())) {
      put_back(std::move(batch));
    } else {
      await(driver.cards(), std::move(batch));
    }
  }
  judge_set_up(now, out);
  if (!m_stopping && m_pool.is_hopeless()) {
    std::ranges::move(std::exchange(m_untold, {}), std::back_inserter(out));
    out.emplace_back(note::Infra{"too many cards cannot be used: " + m_last_quarantine});
    give_up("no card can be used: " + m_last_quarantine, now, out);
  }
}

// It has said its first word: whatever speaks against its cards, and against the set-up, was something else.
bool Dispatcher::worker_came_up(const WorkerDriver& driver, Actions& out) {
  if (driver.state() == WorkerDriver::State::starting || !driver.start_failure().empty()) return false;
  m_has_worked = true;
  m_unusable_on.clear();
  std::ranges::move(std::exchange(m_untold, {}), std::back_inserter(out));
  m_pool.clear(driver.cards());
  m_gang_fails.erase(static_cast<int>(driver.cards().size()));
  return true;
}

void Dispatcher::worker_failed(const WorkerDriver& driver, Actions& out) {
  const bool is_gang = driver.cards().size() > 1;
  if (is_gang) {
    ++m_gang_fails[static_cast<int>(driver.cards().size())];
    m_gang_why = driver.start_failure();
  } else if (driver.is_unusable()) {
    m_unusable_why = driver.start_failure();
    if (!m_has_worked) m_unusable_on.insert(driver.cards().front());
    return;  // the card's quarantine says all
  }
  out.emplace_back(
      note::Warning{fmt::format("worker {} could not be started: {}", driver.id(), driver.start_failure())});
}

// A test that kills its worker says nothing about the card; a worker that cannot be started does.
void Dispatcher::release_cards(const WorkerDriver& driver, bool failed, Actions& out) {
  using Ending = cards::CardPool::Ending;
  for (const int number : driver.cards()) card(number).worker.reset();
  Ending ending = failed ? Ending::failed : Ending::left;
  if (failed && driver.is_unusable()) ending = Ending::unusable;
  if (!failed && is_to_rest(driver) && !cards::sign_of_sickness(driver.last_words())) {
    ending = Ending::hung;
    m_resting.insert(driver.cards().front());
  }
  m_pool.finish(driver.cards(), ending, driver.last_words() + driver.start_failure());
  for (const cards::CardPool::Quarantine& one : m_pool.take_quarantines()) {
    m_gang_fails.clear();
    m_last_quarantine = fmt::format("card {}: {}", one.card, one.why);
    if (failed) m_last_quarantine += ": " + driver.start_failure();
    Actions& told = m_unusable_on.contains(one.card) ? m_untold : out;
    told.emplace_back(note::CardQuarantined{
        one.card, one.length,
        fmt::format("{}; it is not used for {}", m_last_quarantine, format_duration(one.length))});
  }
}

bool Dispatcher::is_set_up_doubtful() const {
  return !m_unusable_on.empty() && m_unusable_on.size() >= std::min(m_cards.size(), cards_to_doubt_set_up);
}

// Those that are starting have the last word.
void Dispatcher::judge_set_up(SteadyTime now, Actions& out) {
  if (m_stopping || !is_set_up_doubtful()) return;
  const auto is_starting = [](const auto& entry) { return entry.second.state() == WorkerDriver::State::starting; };
  if (std::ranges::any_of(m_active, is_starting)) return;
  out.emplace_back(note::Infra{"tests cannot be run: " + m_unusable_why});
  stop(now, out);
}

// Gangs that cannot be started together, although a worker can be started on each of their cards.
void Dispatcher::drop_failing_gangs(Actions& out) {
  if (m_pool.has_suspects()) return;
  std::erase_if(m_gang_fails, [&](const auto& entry) {
    const auto& [width, times] = entry;
    if (times < gang_tries) return false;
    const std::string why = fmt::format("no worker can be started on {} cards at once: {}", width, m_gang_why);
    out.emplace_back(note::Infra{why});
    for (const std::size_t number : m_queue.waiting()) {
      if (m_plan.batches[number].cards == width) drop(number, why, out);
    }
    return true;
  });
}

// When nothing runs, what is left waits for cards in quarantine: once, since some recover.
void Dispatcher::drop_hopeless_gangs(Actions& out) {
  const std::size_t lost = m_pool.count_lost();
  const auto is_idle = [](const auto& entry) {
    return entry.second.is_free() && entry.second.state() != WorkerDriver::State::starting;
  };
  if (lost == 0 || m_queue.empty() || !m_pending.empty() || !std::ranges::all_of(m_active, is_idle)) return;
  const std::size_t left = m_cards.size() - lost;
  const std::size_t before = out.size();
  const std::string why = fmt::format("only {} of {} can be used: {}", left, m_cards.size(), m_last_quarantine);
  drop_wider(left, why, out);
  if (out.size() > before) out.emplace_back(note::Infra{"gangs are not run: " + why});
}

// Also when no work waits for them: gangs cannot use them before.
void Dispatcher::probe_suspects(SteadyTime now, Actions& out) {
  if (!has_work() || is_set_up_doubtful()) return;
  for (const int number : m_pool.ready()) {
    if (m_pool.is_suspect(number) && !card(number).awaited) start_worker({number}, nullptr, now, out);
  }
}

void Dispatcher::put_back(std::unique_ptr<BatchRun> batch) {
  const std::size_t number = m_numbers.at(batch->batch().id);
  m_put_back.insert_or_assign(number, std::move(batch));
  m_queue.put_back(number);
}

// What needs more cards than there are is not run, instead of waiting for ever.
void Dispatcher::drop_wider(std::size_t cards, const std::string& why, Actions& out) {
  for (const std::size_t number : m_queue.waiting()) {
    const int needed = m_plan.batches[number].cards;
    if (static_cast<std::size_t>(needed) > cards) drop(number, fmt::format("needs {} cards, and {}", needed, why), out);
  }
}

void Dispatcher::drop(std::size_t number, const std::string& reason, Actions& out) {
  m_queue.remove(number);
  m_put_back.erase(number);
  out.emplace_back(note::BatchNotRun{m_plan.batches[number].id, reason});
}

bool Dispatcher::is_any(const std::vector<int>& cards, cards::CardPool::State state) const {
  return std::any_of(cards.begin(), cards.end(), [&](int number) { return m_pool.state(number) == state; });
}

bool Dispatcher::is_out_of_use(const std::vector<int>& cards) const {
  return is_any(cards, cards::CardPool::State::quarantined) ||
         std::ranges::any_of(cards, [&](int number) { return m_pool.is_suspect(number); });
}

WorkerDriver* Dispatcher::worker_on(int number) {
  const auto worker = card(number).worker;
  return worker ? &m_active.at(*worker) : nullptr;
}

void Dispatcher::await(std::vector<int> cards, std::unique_ptr<BatchRun> batch) {
  for (const int number : cards) card(number).awaited = true;
  m_pending.push_back({std::move(cards), std::move(batch)});
}

std::vector<plan::FreeCard> Dispatcher::free_cards() {
  const std::vector<int> ready = m_pool.ready();
  std::vector<plan::FreeCard> free;
  for (int number = 0; number < static_cast<int>(m_cards.size()); ++number) {
    if (card(number).awaited || m_pool.is_suspect(number)) continue;
    const WorkerDriver* worker = worker_on(number);
    if (worker == nullptr && std::binary_search(ready.begin(), ready.end(), number)) free.push_back({number, {}});
    if (worker != nullptr && worker->is_free()) free.push_back({number, worker->warm_file()});
  }
  return free;
}

// Before what waits in the queue: it has begun.
void Dispatcher::place_moving(SteadyTime now, Actions& out) {
  for (auto it = m_moving.begin(); it != m_moving.end();) {
    const auto free = card_for(*it);
    if (!free) {
      ++it;
      continue;
    }
    const plan::Batch& batch = it->batch->batch();
    const std::size_t number = m_numbers.at(batch.id);
    if (const auto end = it->batch->ends()) it->batch->set_end(*end + (now - it->since));  // to wait is not its fault
    m_queue.put_back(number, it->batch->left());
    m_put_back.insert_or_assign(number, std::move(it->batch));
    it = m_moving.erase(it);
    const bool imports = free->open_file != batch.file.view();
    place(m_queue.take(number, {free->card}, imports, Seconds{now - m_began}.count()), now, out);
  }
}

// Another card than it comes from, as long as there is one that works; best one that has the file open.
std::optional<plan::FreeCard> Dispatcher::card_for(const Moving& moving) {
  std::optional<plan::FreeCard> found, own;
  for (plan::FreeCard& free : free_cards()) {
    const bool is_own = free.card == moving.from;
    const bool is_open = free.open_file == moving.batch->batch().file.view();
    if (!is_own && (!found || is_open)) found = free;
    if (is_own) own = free;
  }
  const auto works = [&](int number) {
    return number != moving.from && m_pool.state(number) != cards::CardPool::State::quarantined;
  };
  const auto numbers = std::views::iota(0, static_cast<int>(m_cards.size()));
  return found || std::ranges::any_of(numbers, works) ? found : own;
}

void Dispatcher::place_waiting(SteadyTime now, Actions& out) {
  while (!m_queue.empty() && !is_set_up_doubtful()) {
    const auto placements = m_queue.next(free_cards(), Seconds{now - m_began}.count());
    if (placements.empty()) return;
    for (const plan::Placement& placement : placements) place(placement, now, out);
    take_results(now, out);  // a batch without a case ends at once, and nothing more will be heard of it
  }
}

void Dispatcher::place(const plan::Placement& placement, SteadyTime now, Actions& out) {
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
  out.emplace_back(note::BatchStarted{batch.id, placement.cards});
  // A file that could not be collected is not tried again by its other batches.
  if (m_knowledge.not_collected.contains(batch.file.view())) return run->not_collected({}, out);

  for (const int number : placement.cards) {
    WorkerDriver* worker = worker_on(number);
    if (worker == nullptr) continue;
    if (worker->cards() == placement.cards) return worker->assign(std::move(run), now, out);
    if (worker->is_free()) worker->quit(now, out);
  }
  await(placement.cards, std::move(run));
}

void Dispatcher::start_pending(SteadyTime now, Actions& out) {
  if (is_set_up_doubtful()) return;
  const std::vector<int> ready = m_pool.ready();
  for (auto it = m_pending.begin(); it != m_pending.end();) {
    const bool sick = is_out_of_use(it->cards);
    const bool wait = std::any_of(it->cards.begin(), it->cards.end(),
                                  [&](int number) { return !std::binary_search(ready.begin(), ready.end(), number); });
    if (wait && !sick) {
      ++it;
      continue;
    }
    for (const int number : it->cards) card(number).awaited = false;
    if (sick) {
      put_back(std::move(it->batch));
    } else {
      start_worker(it->cards, std::move(it->batch), now, out);
    }
    it = m_pending.erase(it);
  }
}

void Dispatcher::start_worker(const std::vector<int>& cards, std::unique_ptr<BatchRun> batch, SteadyTime now,
                              Actions& out) {
  const WorkerId id = m_next_worker++;
  for (const int number : cards) card(number).worker = id;
  m_pool.start(cards);
  WorkerDriver& driver = m_active.emplace(id, WorkerDriver(id, cards, m_rules, now, out)).first->second;
  if (batch != nullptr) driver.assign(std::move(batch), now, out);
}

void Dispatcher::dismiss_idle(SteadyTime now, Actions& out) {
  if (has_work()) return;
  for (auto& [id, driver] : m_active) {
    if (!driver.is_free()) continue;
    if (driver.state() == WorkerDriver::State::starting) m_dismissed.insert(id);  // its end says nothing of its card
    driver.quit(now, out);
  }
}

// What is left is accounted for by the record: cases that wait are not_run, with the reason that it is told.
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

void Dispatcher::give_up(const std::string& reason, SteadyTime now, Actions& out) {
  const auto not_run = [&](const std::string& batch) { out.emplace_back(note::BatchNotRun{batch, reason}); };
  for (const std::size_t number : m_queue.waiting()) not_run(m_plan.batches[number].id);
  for (const Pending& pending : m_pending) not_run(pending.batch->batch().id);
  for (const Moving& moving : m_moving) not_run(moving.batch->batch().id);
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
