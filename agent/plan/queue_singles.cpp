// SPDX-License-Identifier: Apache-2.0
// How the shared queue places batches that need one card.
#include <algorithm>

#include "agent/plan/queue.hpp"

namespace spyre::plan {

void Queue::place_singles(Moment& moment) {
  const auto limit = [&](const FreeCard& card) {
    return is_reserved(card.card) ? m_reservation->until_s - moment.now_s : forever;
  };
  // Cards that have a file open choose first: taking their batches would cost others an import.
  for (const FreeCard& card : moment.free) {
    if (!is_free(card)) continue;
    if (const auto own = own_lane(card)) stay(card, *own, limit(card), moment);
  }
  bool found = true;
  for (const FreeCard& card : moment.free) {
    // If one card cannot use a batch, no other card can, except within limits of its own.
    if (!is_free(card) || (!found && !is_reserved(card.card))) continue;
    const auto choice = most_urgent(limit(card), moment.now_s, std::nullopt);
    if (choice) start(*choice, {card.card}, true, moment);
    if (!is_reserved(card.card)) found = choice.has_value();
  }
}

// Return the lane of the file that the card's worker has open, if batches of it are left.
std::optional<std::size_t> Queue::own_lane(const FreeCard& card) const {
  const CardState& state = m_cards[static_cast<std::size_t>(card.card)];
  if (!state.lane || card.open_file.empty()) return std::nullopt;
  const Lane& lane = m_lanes[*state.lane];
  const bool own = lane.width == 1 && lane.file == card.open_file && !lane.batches.empty();
  return own ? state.lane : std::nullopt;
}

// Continue with the card's file, unless another one would end too late without this card.
bool Queue::stay(const FreeCard& card, std::size_t own, double limit_s, Moment& moment) {
  const auto position = longest_within(m_lanes[own], limit_s);
  if (!position) return false;
  if (const auto other = most_urgent(limit_s, moment.now_s, own)) {
    const Lane& lane = m_lanes[other->lane];
    const bool is_late = lane.urgency_s > moment.horizon_s;
    if (is_late && lane.urgency_s - lane.import_s > needs(m_lanes[own])) {
      start(*other, {card.card}, true, moment);
      return true;
    }
  }
  start({own, *position}, {card.card}, false, moment);
  return true;
}

std::optional<Queue::Choice> Queue::most_urgent(double limit_s, double now_s, std::optional<std::size_t> except) const {
  for (const auto& [urgency, index] : m_singles) {
    if (index == except) continue;
    const Lane& lane = m_lanes[index];
    const auto position = longest_within(lane, limit_s - lane.import_s);
    if (!position) continue;
    if (lane.ends_s.empty() || is_worth_joining(lane, lane.batches[*position], now_s)) return Choice{index, *position};
  }
  return std::nullopt;
}

std::optional<std::size_t> Queue::longest_within(const Lane& lane, double limit_s) const {
  if (limit_s == forever) return lane.batches.size() - 1;
  const auto longer =
      std::ranges::upper_bound(lane.batches, limit_s, {}, [&](std::size_t batch) { return expected(lane, batch); });
  if (longer == lane.batches.begin()) return std::nullopt;
  return static_cast<std::size_t>(longer - lane.batches.begin()) - 1;
}

// Return whether another worker would end this batch before the workers that have the file open could.
bool Queue::is_worth_joining(const Lane& lane, std::size_t batch, double now_s) const {
  const double seconds = expected(lane, batch);
  const double first_free = std::max(0.0, *lane.ends_s.begin() - now_s);
  const double others = first_free + std::max(seconds, lane.left_s * correction(lane) / lane.workers());
  return lane.import_s + seconds < others;
}

}  // namespace spyre::plan
