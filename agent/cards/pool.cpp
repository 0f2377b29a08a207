// SPDX-License-Identifier: Apache-2.0
#include "agent/cards/pool.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "agent/cards/health.hpp"
#include "agent/core/text.hpp"

namespace spyre::cards {
namespace {

constexpr Seconds time_between_looks{1};
constexpr int most_doublings = 6;  // so that a card that is always faulty is still tried now and then

SteadyTime after(SteadyTime time, Seconds duration) {
  return time + std::chrono::duration_cast<SteadyTime::duration>(duration);
}

}  // namespace

CardPool::CardPool(std::vector<Card> cards, PoolSettings settings, const Clock& clock,
                   std::function<bool(const Card&)> released)
    : m_cards(std::move(cards)),
      m_settings(settings),
      m_clock(clock),
      m_released(std::move(released)),
      m_health(m_cards.size()) {
  if (m_settings.max_cordoned == 0) m_settings.max_cordoned = m_cards.size();
}

std::vector<int> CardPool::ready() {
  std::vector<int> out;
  for (int card = 0; card < static_cast<int>(m_cards.size()); ++card) {
    look_at(card);
    if (at(card).state == State::ready) out.push_back(card);
  }
  return out;
}

void CardPool::look_at(int card) {
  Health& health = at(card);
  if (health.state == State::cordoned && m_clock.steady() >= health.until) {
    health.state = State::ready;
    health.failures = m_settings.failures - 1;  // one more failure cordons it again
    health.suspect = true;
  }
  if (health.state != State::releasing) return;
  if (m_released(m_cards[static_cast<std::size_t>(card)])) {
    health.state = State::ready;
  } else if (m_clock.steady() >= health.until) {
    cordon(card, fmt::format("still held {} after its worker ended", format_duration(m_settings.release_timeout)));
  }
}

void CardPool::start(const std::vector<int>& gang) {
  for (const int card : gang) at(card).state = State::busy;
}

void CardPool::clear(const std::vector<int>& gang) {
  for (const int card : gang) {
    at(card).failures = 0;
    at(card).suspect = false;
  }
}

void CardPool::finish(const std::vector<int>& gang, Ending ending, std::string_view log) {
  const std::optional<std::string> sign = hardware_fault_signature(log);
  const bool started = ending == Ending::left || ending == Ending::hung;
  for (const int card : gang) {
    Health& health = at(card);
    health.failures = !started || sign ? health.failures + 1 : 0;
    if (!started && gang.size() > 1) {
      health.failures = std::min(health.failures, m_settings.failures - 1);
      health.suspect = true;
      release(card);
    } else if (sign) {
      cordon(card, *sign);  // after a gang has run, all of its cards have to recover
    } else if (ending == Ending::hung) {
      cordon(card, "one test after the other hangs on it");
    } else if (ending == Ending::unusable) {
      cordon(card, "no worker can be used on it");
    } else if (health.failures >= m_settings.failures) {
      cordon(card, fmt::format("{} infrastructure failures in a row", health.failures));
    } else {
      release(card);
    }
  }
}

void CardPool::release(int card) {
  at(card).state = State::releasing;
  at(card).until = after(m_clock.steady(), m_settings.release_timeout);
}

void CardPool::cordon(int card, std::string why) {
  Health& health = at(card);
  const Seconds length = m_settings.cordon * (1 << std::min(health.cordons, most_doublings));
  ++health.cordons;
  health.state = State::cordoned;
  health.suspect = false;
  health.until = after(m_clock.steady(), length);
  m_new.push_back({card, std::move(why), length});
}

std::vector<CardPool::Cordon> CardPool::take_cordons() {
  return std::exchange(m_new, {});
}

std::optional<SteadyTime> CardPool::next_look() const {
  std::optional<SteadyTime> next;
  for (const Health& health : m_health) {
    if (health.state != State::cordoned && health.state != State::releasing) continue;
    const bool releasing = health.state == State::releasing;
    const SteadyTime time =
        releasing ? std::min(health.until, after(m_clock.steady(), time_between_looks)) : health.until;
    next = std::min(next.value_or(time), time);
  }
  return next;
}

bool CardPool::has_suspects() const {
  return std::ranges::any_of(m_health, &Health::suspect);
}

void CardPool::uncordon(int card) {
  Health& health = at(card);
  if (health.state != State::cordoned) return;
  --health.cordons;
  release(card);
}

std::size_t CardPool::count_cordoned() const {
  return static_cast<std::size_t>(std::ranges::count(m_health, State::cordoned, &Health::state));
}

bool CardPool::can_spare_one() const {
  return count_cordoned() + 1 < m_settings.max_cordoned;
}

bool CardPool::is_hopeless() const {
  return count_cordoned() >= m_settings.max_cordoned;
}

std::size_t CardPool::count_lost() const {
  const auto is_lost = [](const Health& health) { return health.state == State::cordoned && health.cordons > 1; };
  return static_cast<std::size_t>(std::ranges::count_if(m_health, is_lost));
}

}  // namespace spyre::cards
