// SPDX-License-Identifier: Apache-2.0
// How the ends of workers count against their cards, and what happens to work for which too few cards are left.
#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "agent/cards/health.hpp"
#include "agent/core/text.hpp"
#include "agent/execute/dispatcher.hpp"

namespace spyre::execute {

namespace {

// If a worker is unusable on this many cards, or on all, and was never usable on another card, the set-up is at fault.
constexpr std::size_t cards_to_doubt_set_up = 3;
// Attempts before a gang is given up, if no card can be blamed.
constexpr int gang_tries = 3;
// Attempts while cards are still suspected: two gangs that take turns could keep cards suspected forever.
constexpr int gang_tries_with_suspects = 12;
constexpr int refusals_to_give_up = 5;
constexpr std::chrono::seconds refusal_pause{1};

}  // namespace

// No test finishes on its card, and other cards can do the card's work.
bool Dispatcher::is_to_rest(const WorkerDriver& driver) const {
  return driver.cards().size() == 1 && m_knowledge.hangs.is_dead(driver.cards().front()) && m_pool.can_spare_one();
}

void Dispatcher::clear_cards(Actions& out) {
  std::erase_if(m_resting, [&](int number) {
    const bool is_over = m_pool.state(number) != cards::CardPool::State::cordoned;
    const bool is_innocent = !m_knowledge.hangs.is_dead(number);
    if (is_over) {
      m_knowledge.hangs.give_chance(number);
    } else if (is_innocent) {
      m_pool.uncordon(number);
      out.emplace_back(note::Warning{
          fmt::format("card {}: the tests that hung on it hang elsewhere too; it is used again", number)});
    }
    return is_over || is_innocent;
  });
}

// These cards rest while others do their work; the tests themselves may be the reason for the hangs.
void Dispatcher::call_back_resting(Actions& out) {
  for (const int number : std::exchange(m_resting, {})) {
    m_knowledge.hangs.give_chance(number);
    m_pool.uncordon(number);
    out.emplace_back(note::Warning{fmt::format("card {}: no other card can be used; it is used again", number)});
  }
}

// The worker's first message clears its cards and the set-up.
bool Dispatcher::worker_came_up(const WorkerDriver& driver, Actions& out) {
  if (driver.state() == WorkerDriver::State::starting || !driver.start_failure().empty()) return false;
  m_has_worked = true;
  m_unusable_on.clear();
  std::ranges::move(std::exchange(m_deferred_notes, {}), std::back_inserter(out));
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
    return;  // the card's cordon gives the reason
  }
  out.emplace_back(
      note::Warning{fmt::format("worker {} could not be started: {}", driver.id(), driver.start_failure())});
}

// Neither the card nor the batch is at fault. The missing resources may come back, above all while other workers run.
void Dispatcher::machine_refused(const std::string& why, SteadyTime now, Actions& out) {
  m_refused_until = now + refusal_pause;
  const bool is_alone = std::ranges::none_of(m_active, [](const auto& entry) { return entry.second.is_busy(); });
  if (++m_refusals < refusals_to_give_up || !is_alone) return;
  out.emplace_back(note::Infra{"the machine cannot run tests: " + why});
  give_up(told(results::Cause::Kind::refused, why), now, out);
}

// A test that kills its worker says nothing about the card; a worker that cannot be started does.
void Dispatcher::release_cards(const WorkerDriver& driver, bool failed, Actions& out) {
  using Ending = cards::CardPool::Ending;
  for (const int number : driver.cards()) card(number).worker.reset();
  Ending ending = failed ? Ending::failed : Ending::left;
  if (failed && driver.is_unusable()) ending = Ending::unusable;
  if (!failed && is_to_rest(driver) && !cards::hardware_fault_signature(driver.last_words())) {
    ending = Ending::hung;
    m_resting.insert(driver.cards().front());
  }
  m_pool.finish(driver.cards(), ending, driver.last_words() + driver.start_failure());
  for (const cards::CardPool::Cordon& one : m_pool.take_cordons()) {
    m_gang_fails.clear();
    m_last_cordon = fmt::format("card {}: {}", one.card, one.why);
    if (failed) m_last_cordon += ": " + driver.start_failure();
    Actions& told = m_unusable_on.contains(one.card) ? m_deferred_notes : out;
    told.emplace_back(note::CardCordoned{
        one.card, one.length, fmt::format("{}; it is not used for {}", m_last_cordon, format_duration(one.length))});
  }
}

bool Dispatcher::is_set_up_doubtful() const {
  return !m_unusable_on.empty() && m_unusable_on.size() >= std::min(m_cards.size(), cards_to_doubt_set_up);
}

// Starting workers decide.
void Dispatcher::judge_set_up(SteadyTime now, Actions& out) {
  if (m_stopping || !is_set_up_doubtful()) return;
  const auto is_starting = [](const auto& entry) { return entry.second.state() == WorkerDriver::State::starting; };
  if (std::ranges::any_of(m_active, is_starting)) return;
  out.emplace_back(note::Infra{"tests cannot be run: " + m_unusable_why});
  stop(now, out);
}

// Gangs that cannot be started together, although a worker can be started on each of their cards.
void Dispatcher::drop_failing_gangs(Actions& out) {
  const int most = m_pool.has_suspects() ? gang_tries_with_suspects : gang_tries;
  std::erase_if(m_gang_fails, [&](const auto& entry) {
    const auto& [width, times] = entry;
    if (times < most) return false;
    results::Cause why = told(results::Cause::Kind::could_not_start, m_gang_why);
    why.cards = width;
    out.emplace_back(note::Infra{describe(why)});
    for (const std::size_t number : m_queue.waiting()) {
      if (m_plan.batches[number].cards == width) drop(number, why, out);
    }
    return true;
  });
}

// If nothing runs, the rest waits for cordoned cards: once, because some of them recover.
void Dispatcher::drop_hopeless_gangs(Actions& out) {
  const std::size_t lost = m_pool.count_lost();
  const auto is_idle = [](const auto& entry) {
    return entry.second.is_free() && entry.second.state() != WorkerDriver::State::starting;
  };
  if (lost == 0 || m_queue.empty() || !m_pending.empty() || !std::ranges::all_of(m_active, is_idle)) return;
  const std::size_t before = out.size();
  results::Cause why = too_few_cards(m_cards.size() - lost);
  why.detail = m_last_cordon;
  drop_wider(why, out);
  if (out.size() > before) out.emplace_back(note::Infra{"gangs are not run: " + describe_usable_cards(why)});
}

// Also if no work waits for the cards: gangs cannot use them before.
void Dispatcher::probe_suspects(SteadyTime now, Actions& out) {
  if (!has_work() || is_set_up_doubtful() || m_refused_until) return;
  for (const int number : m_pool.ready()) {
    if (m_pool.is_suspect(number) && !card(number).awaited) start_worker({number}, nullptr, now, out);
  }
}

bool Dispatcher::is_any(const std::vector<int>& cards, cards::CardPool::State state) const {
  return std::any_of(cards.begin(), cards.end(), [&](int number) { return m_pool.state(number) == state; });
}

bool Dispatcher::is_out_of_use(const std::vector<int>& cards) const {
  return is_any(cards, cards::CardPool::State::cordoned) ||
         std::ranges::any_of(cards, [&](int number) { return m_pool.is_suspect(number); });
}

}  // namespace spyre::execute
