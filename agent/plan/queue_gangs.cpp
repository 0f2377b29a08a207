// SPDX-License-Identifier: Apache-2.0
// How the shared queue places batches that need several cards at once.
#include <algorithm>

#include "agent/plan/queue.hpp"

namespace spyre::plan {

std::vector<std::size_t> Queue::waiting_gangs() const {
  std::vector<std::size_t> lanes;
  for (const auto& [urgency, lane] : m_gangs) lanes.push_back(lane);
  return lanes;
}

void Queue::place_gangs(Moment& moment) {
  keep_reservation(moment);
  // Gangs that have their file open continue with it, before others take some of their cards.
  for (const std::size_t index : waiting_gangs()) {
    while (!m_lanes[index].batches.empty() && go_on(index, moment)) {
    }
  }
  const auto longest_batch = [this](std::size_t index) {
    return m_lanes[index].import_s + expected(m_lanes[index], m_lanes[index].batches.back());
  };
  std::vector<std::size_t> order = waiting_gangs();
  while (!order.empty()) {
    const auto longest = std::ranges::max_element(order, {}, longest_batch);
    const std::size_t index = *longest;
    const bool placed = place_gang(index, moment);
    if (placed && !m_lanes[index].batches.empty()) continue;
    if (!placed && is_late(m_lanes[index], moment)) reserve(index, moment);
    order.erase(longest);
  }
}

bool Queue::go_on(std::size_t index, Moment& moment) {
  const Lane& lane = m_lanes[index];
  auto cards = warm_gang(lane, cards_for(index, moment), moment);
  if (!cards) return false;
  start({index, lane.batches.size() - 1}, std::move(*cards), false, moment);
  return true;
}

bool Queue::place_gang(std::size_t index, Moment& moment) {
  const Lane& lane = m_lanes[index];
  if (moment.free.size() < lane.width) return false;
  if (go_on(index, moment)) return true;
  if (!is_late(lane, moment)) return false;
  auto cards = m_topology.closest(cards_for(index, moment), lane.width);
  if (!cards) return false;
  start({index, lane.batches.size() - 1}, std::move(*cards), true, moment);
  return true;
}

// The waiting gang has its turn before all others, on any cards. Its reservation ends when it is placed or no longer
// wanted. It gets a new one when its cards are late or one of them is gone.
void Queue::keep_reservation(Moment& moment) {
  if (!m_reservation) return;
  const std::size_t index = m_reservation->lane;
  const bool wanted = !m_lanes[index].batches.empty() && is_late(m_lanes[index], moment);
  if (!wanted || place_gang(index, moment)) {
    m_reservation.reset();
    return;
  }
  const auto is_known = [&](int card) {
    return m_cards[static_cast<std::size_t>(card)].batch ||
           std::ranges::binary_search(moment.free, card, {}, &FreeCard::card);
  };
  if (moment.now_s <= m_reservation->until_s && std::ranges::all_of(m_reservation->cards, is_known)) return;
  m_reservation.reset();
  reserve(index, moment);
}

// Return whether the lane would end too late with the gangs that work on it.
bool Queue::is_late(const Lane& lane, const Moment& moment) const {
  if (lane.ends_s.empty()) return true;
  const double first_free = std::max(0.0, *lane.ends_s.begin() - moment.now_s);
  const double alone = first_free + lane.left_s * correction(lane) / lane.workers();
  return alone > moment.horizon_s + lane.import_s && is_worth_joining(lane, lane.batches.back(), moment.now_s);
}

// Return the cards whose worker has the lane's file open.
std::optional<std::vector<int>> Queue::warm_gang(const Lane& lane, const std::vector<int>& usable,
                                                 const Moment& moment) const {
  const auto is_usable = [&](int card) { return std::ranges::binary_search(usable, card); };
  for (const FreeCard& card : moment.free) {
    if (!is_usable(card.card) || card.open_file != lane.file) continue;
    const std::vector<int>& gang = m_cards[static_cast<std::size_t>(card.card)].gang;
    if (gang.size() == lane.width && std::ranges::all_of(gang, is_usable)) return gang;
  }
  return std::nullopt;
}

bool Queue::is_reserved(int card) const {
  return m_reservation && std::ranges::binary_search(m_reservation->cards, card);
}

// Return free cards for the lane's longest batch: not cards reserved for another gang, unless that gang gets them back
// in time.
std::vector<int> Queue::cards_for(std::size_t index, const Moment& moment) const {
  const Lane& lane = m_lanes[index];
  const double end = moment.now_s + lane.import_s + expected(lane, lane.batches.back());
  const bool all = !m_reservation || m_reservation->lane == index || end <= m_reservation->until_s;
  std::vector<int> cards;
  for (const FreeCard& card : moment.free) {
    if (is_free(card) && (all || !is_reserved(card.card))) cards.push_back(card.card);
  }
  return cards;
}

// Return when each card is free at the latest. Gangs with more batches of their open file are not disturbed.
std::vector<std::pair<double, int>> Queue::free_times(const Moment& moment, bool spare_gangs) const {
  std::vector<std::pair<double, int>> out;
  for (const FreeCard& card : moment.free) {
    if (is_free(card)) out.emplace_back(moment.now_s, card.card);
  }
  for (const auto& [batch, run] : m_running) {
    const Lane& lane = m_lanes[m_lane_of[batch]];
    if (spare_gangs && lane.width > 1 && !lane.batches.empty()) continue;
    for (const int card : run.cards) out.emplace_back(std::max(run.ends_s, moment.now_s), card);
  }
  return out;
}

// Among the cards that will be free first, choose the closest ones.
void Queue::reserve(std::size_t index, const Moment& moment) {
  if (m_reservation) return;
  const std::size_t width = m_lanes[index].width;
  std::vector<std::pair<double, int>> free_at = free_times(moment, true);
  if (free_at.size() < width) free_at = free_times(moment, false);
  if (free_at.size() < width) return;
  const auto last = free_at.begin() + static_cast<std::ptrdiff_t>(width) - 1;
  std::ranges::nth_element(free_at, last);
  const double until = last->first;
  std::vector<int> candidates;
  for (const auto& [time, card] : free_at) {
    if (time <= until) candidates.push_back(card);
  }
  std::ranges::sort(candidates);
  if (auto cards = m_topology.closest(candidates, width)) m_reservation = Reservation{index, std::move(*cards), until};
}

}  // namespace spyre::plan
