// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/batch_queue.hpp"

#include <algorithm>
#include <unordered_map>

namespace spyre::execute {

SharedQueue::SharedQueue(const plan::Plan& plan, const std::vector<std::size_t>& wanted) : m_plan(plan) {
  std::unordered_map<std::string, std::size_t> lane_of;
  for (std::size_t shard = 0; shard < plan.shards.size(); ++shard) {
    for (const std::string& id : plan.shards[shard].batches) lane_of.emplace(id, shard);
  }
  std::unordered_map<std::string, std::size_t> numbers;
  for (const std::size_t batch : wanted) numbers.emplace(plan.batches[batch].id, batch);

  m_lanes.resize(plan.shards.size() + 1);
  const auto is_gang = [&](std::size_t batch) { return plan.batches[batch].cards > 1; };
  for (std::size_t shard = 0; shard < plan.shards.size(); ++shard) {
    for (const std::string& id : plan.shards[shard].batches) {
      const auto number = numbers.find(id);
      if (number != numbers.end() && !is_gang(number->second)) m_lanes[shard].push_back(number->second);
    }
  }
  for (const std::size_t batch : wanted) {
    if (is_gang(batch)) m_gangs.push_back(batch);
    if (!is_gang(batch) && !lane_of.contains(plan.batches[batch].id)) m_lanes.back().push_back(batch);
  }
}

double SharedQueue::work_in(const Lane& lane) const {
  double work = 0;
  for (const std::size_t batch : lane) work += m_plan.batches[batch].estimate_s;
  return work;
}

SharedQueue::Lane* SharedQueue::lane_for(const FreeCard& card) {
  const auto own = static_cast<std::size_t>(card.card);
  if (own + 1 < m_lanes.size() && !m_lanes[own].empty()) return &m_lanes[own];
  Lane* fullest = nullptr;
  double most = -1;
  for (Lane& lane : m_lanes) {
    if (lane.empty()) continue;
    if (const double work = work_in(lane); work > most) {
      most = work;
      fullest = &lane;
    }
  }
  return fullest;
}

std::optional<Placement> SharedQueue::next(const std::vector<FreeCard>& free) {
  if (free.empty()) return std::nullopt;
  if (!m_gangs.empty()) {
    const std::size_t batch = m_gangs.front();
    const auto size = static_cast<std::size_t>(m_plan.batches[batch].cards);
    if (free.size() < size) return std::nullopt;
    m_gangs.pop_front();
    Placement placement{batch, {}};
    for (std::size_t i = 0; i < size; ++i) placement.cards.push_back(free[i].card);
    return placement;
  }
  Lane* lane = lane_for(free.front());
  if (lane == nullptr) return std::nullopt;
  const auto warm = std::find_if(lane->begin(), lane->end(), [&](std::size_t batch) {
    return m_plan.batches[batch].file == free.front().warm_file;
  });
  const auto chosen = warm == lane->end() ? lane->begin() : warm;
  Placement placement{*chosen, {free.front().card}};
  lane->erase(chosen);
  return placement;
}

void SharedQueue::put_back(std::size_t batch) {
  (m_plan.batches[batch].cards > 1 ? m_gangs : m_lanes.back()).push_front(batch);
}

void SharedQueue::remove(std::size_t batch) {
  std::erase(m_gangs, batch);
  for (Lane& lane : m_lanes) std::erase(lane, batch);
}

bool SharedQueue::empty() const {
  return m_gangs.empty() && std::all_of(m_lanes.begin(), m_lanes.end(), [](const Lane& lane) { return lane.empty(); });
}

std::vector<std::size_t> SharedQueue::waiting() const {
  std::vector<std::size_t> batches(m_gangs.begin(), m_gangs.end());
  for (const Lane& lane : m_lanes) batches.insert(batches.end(), lane.begin(), lane.end());
  return batches;
}

}  // namespace spyre::execute
