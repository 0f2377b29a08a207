// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/queue.hpp"

#include <algorithm>
#include <map>

#include "agent/plan/cold_times.hpp"

namespace spyre::plan {

Queue::Queue(std::span<const Batch> batches, std::span<const std::size_t> wanted, cards::Topology topology)
    : m_batches(batches), m_topology(std::move(topology)), m_lane_of(batches.size()), m_left(batches.size(), 1.0) {
  std::map<std::pair<std::string_view, int>, std::size_t> lanes;
  for (const std::size_t index : wanted) {
    const Batch& batch = batches[index];
    const auto [found, is_new] = lanes.try_emplace({batch.file, batch.cards}, m_lanes.size());
    if (is_new) {
      Lane& lane = m_lanes.emplace_back();
      lane.file = batch.file;
      lane.width = static_cast<std::size_t>(batch.cards);
    }
    m_lane_of[index] = found->second;
    Lane& lane = m_lanes[found->second];
    lane.import_s = std::max(lane.import_s, batch.import_s);
    lane.typical_s = std::max(lane.typical_s, planned(index));
    lane.left_s += planned(index);
    lane.batches.push_back(index);
  }
  for (std::size_t i = 0; i < m_lanes.size(); ++i) {
    // Batches are taken from the end, so the first of equally long ones comes last.
    std::ranges::sort(m_lanes[i].batches, [this](std::size_t a, std::size_t b) {
      return planned(a) != planned(b) ? planned(a) < planned(b) : a > b;
    });
    put_in_order(i);
  }
  m_count = wanted.size();
}

std::vector<Placement> Queue::next(const std::vector<FreeCard>& free, double now_s) {
  for (const FreeCard& card : free) {
    if (const auto batch = state(card.card).batch) end_running(*batch, now_s);
  }
  if (empty()) return {};
  correct_all(now_s);
  Moment moment{free, now_s, horizon(free.size(), now_s), {}};
  place_gangs(moment);
  place_singles(moment);
  return std::move(moment.placements);
}

Placement Queue::take(std::size_t batch, std::vector<int> cards, bool imports, double now_s) {
  for (const int card : cards) {
    if (const auto before = state(card).batch) end_running(*before, now_s);
  }
  const std::size_t lane = m_lane_of[batch];
  const std::vector<std::size_t>& batches = m_lanes[lane].batches;
  const auto position = static_cast<std::size_t>(std::ranges::find(batches, batch) - batches.begin());
  const std::vector<FreeCard> others;
  Moment moment{others, now_s, 0, {}};
  start({lane, position}, std::move(cards), imports, moment);
  return moment.placements.front();
}

void Queue::put_back(std::size_t batch, double left) {
  if (m_running.contains(batch)) end_running(batch, std::nullopt);
  m_left[batch] *= left;
  const std::size_t index = m_lane_of[batch];
  Lane& lane = m_lanes[index];
  take_from_order(index);
  const auto place = std::ranges::find_if(lane.batches, [&](std::size_t b) { return planned(b) > planned(batch); });
  lane.batches.insert(place, batch);
  lane.left_s += planned(batch);
  put_in_order(index);
  ++m_count;
}

void Queue::remove(std::size_t batch) {
  const std::vector<std::size_t>& batches = m_lanes[m_lane_of[batch]].batches;
  const auto found = std::ranges::find(batches, batch);
  if (found != batches.end()) take_out(m_lane_of[batch], static_cast<std::size_t>(found - batches.begin()));
}

std::vector<std::size_t> Queue::waiting() const {
  std::vector<std::size_t> out;
  for (const Lane& lane : m_lanes) out.insert(out.end(), lane.batches.begin(), lane.batches.end());
  std::ranges::sort(out);
  return out;
}

double Queue::planned(std::size_t batch) const {
  return (m_batches[batch].estimate_s - m_batches[batch].import_s) * m_left[batch];
}

// Return the seconds that a lane would take if one more worker joined it.
double Queue::needs(const Lane& lane) const {
  return std::max(lane.left_s / (lane.workers() + 1), planned(lane.batches.back())) * correction(lane);
}

double Queue::horizon(std::size_t free, double now_s) const {
  const double running = std::max(0.0, m_ends_s - now_s * m_busy_cards);
  return (m_work_s + running) / (static_cast<double>(free) + m_busy_cards);
}

Queue::CardState& Queue::state(int card) {
  const auto index = static_cast<std::size_t>(card);
  if (index >= m_cards.size()) m_cards.resize(index + 1);
  return m_cards[index];
}

void Queue::take_from_order(std::size_t index) {
  Lane& lane = m_lanes[index];
  lanes_like(lane).erase({-lane.urgency_s, index});
  m_work_s -= lane.work_s;
}

void Queue::put_in_order(std::size_t index) {
  Lane& lane = m_lanes[index];
  lane.work_s = 0;
  if (lane.batches.empty()) return;
  // An import that some worker has to pay anyway counts for a lane, a further one against it.
  const double import = lane.ends_s.empty() ? lane.import_s : -lane.import_s;
  lane.urgency_s = needs(lane) + import;
  lane.work_s = (lane.left_s * correction(lane) + std::max(0.0, import)) * static_cast<double>(lane.width);
  lanes_like(lane).emplace(-lane.urgency_s, index);
  m_work_s += lane.work_s;
}

void Queue::take_out(std::size_t index, std::size_t position) {
  Lane& lane = m_lanes[index];
  const std::size_t batch = lane.batches[position];
  take_from_order(index);
  lane.batches.erase(lane.batches.begin() + static_cast<std::ptrdiff_t>(position));
  lane.left_s = lane.batches.empty() ? 0 : lane.left_s - planned(batch);
  put_in_order(index);
  --m_count;
}

// Learn from a finished batch. Correct its file's estimates only if the file was open: the time of an import is
// estimated separately.
void Queue::end_running(std::size_t batch, std::optional<double> learned_at_s) {
  const auto found = m_running.find(batch);
  const Running& run = found->second;
  const std::size_t index = m_lane_of[batch];
  Lane& lane = m_lanes[index];
  take_from_order(index);
  lane.ends_s.erase(lane.ends_s.find(run.ends_s));
  if (learned_at_s) {
    const double taken = std::max(0.0, *learned_at_s - run.started_s);
    m_planned_s += planned(batch) + (run.imports ? lane.import_s : 0);
    m_taken_s += taken;
    if (!run.imports) {
      lane.planned_s += planned(batch);
      lane.taken_s += taken;
    }
  }
  put_in_order(index);
  for (const int card : run.cards) state(card).batch.reset();
  m_ends_s -= run.ends_s * static_cast<double>(run.cards.size());
  m_busy_cards -= static_cast<double>(run.cards.size());
  m_running.erase(found);
}

// Apply the correction for all files each time the known work has doubled, because every lane gets a new place. Running
// batches count by their progress; otherwise the short batches, which finish first, would decide.
void Queue::correct_all(double now_s) {
  if (m_planned_s < m_next_correction_s) return;
  m_next_correction_s = 2 * m_planned_s;
  double planned_s = m_planned_s, taken_s = m_taken_s;
  for (const auto& [batch, run] : m_running) {
    const double elapsed = std::max(0.0, now_s - run.started_s);
    planned_s += std::min(elapsed, planned(batch) + (run.imports ? m_batches[batch].import_s : 0));
    taken_s += elapsed;
  }
  const double usual = plan::correction(taken_s, planned_s);
  for (std::size_t i = 0; i < m_lanes.size(); ++i) take_from_order(i);
  m_usual = usual;
  for (std::size_t i = 0; i < m_lanes.size(); ++i) put_in_order(i);
}

void Queue::start(const Choice& choice, std::vector<int> cards, bool imports, Moment& moment) {
  Lane& lane = m_lanes[choice.lane];
  const std::size_t batch = lane.batches[choice.position];
  const double seconds = expected(lane, batch) + (imports ? lane.import_s : 0);
  const double ends = moment.now_s + seconds;
  take_out(choice.lane, choice.position);
  take_from_order(choice.lane);
  lane.ends_s.insert(ends);
  put_in_order(choice.lane);
  for (const int card : cards) state(card) = {batch, choice.lane, cards};
  m_ends_s += ends * static_cast<double>(cards.size());
  m_busy_cards += static_cast<double>(cards.size());
  m_running[batch] = {batch, cards, imports, moment.now_s, ends};
  moment.placements.push_back({batch, std::move(cards), imports, seconds});
}

}  // namespace spyre::plan
