// SPDX-License-Identifier: Apache-2.0
#include "testsel/python/name_set.hpp"

#include <algorithm>

#include "agent/core/hash.hpp"

namespace spyre::testsel::python {

void NameSet::add(std::string_view name, bool called) {
  Entry& entry = find(name);
  if (entry.mentioned_in != m_function) {
    entry.mentioned_in = m_function;
    m_mentioned.push_back(static_cast<std::uint32_t>(&entry - m_entries.data()));
  }
  if (called && entry.called_in != m_function) {
    entry.called_in = m_function;
    ++m_calls;
  }
}

NameSet::Entry& NameSet::find(std::string_view name) {
  if (2 * m_entries.size() >= m_slots.size()) grow();
  const std::uint64_t hash = stable_hash(name);
  const std::size_t mask = m_slots.size() - 1;
  for (std::size_t slot = hash & mask;; slot = (slot + 1) & mask) {
    if (m_slots[slot] == 0) {
      m_entries.push_back({name, hash, 0, 0});
      m_slots[slot] = static_cast<std::uint32_t>(m_entries.size());
      return m_entries.back();
    }
    Entry& entry = m_entries[m_slots[slot] - 1];
    if (entry.hash == hash && entry.name == name) return entry;
  }
}

void NameSet::grow() {
  m_slots.assign(std::max<std::size_t>(256, 2 * m_slots.size()), 0);
  const std::size_t mask = m_slots.size() - 1;
  for (std::size_t i = 0; i < m_entries.size(); ++i) {
    std::size_t slot = m_entries[i].hash & mask;
    while (m_slots[slot] != 0) slot = (slot + 1) & mask;
    m_slots[slot] = static_cast<std::uint32_t>(i + 1);
  }
}

std::pair<std::vector<std::string_view>, std::vector<std::string_view>> NameSet::take() {
  std::ranges::sort(m_mentioned, {}, [this](std::uint32_t index) { return m_entries[index].name; });
  std::vector<std::string_view> names, calls;
  names.reserve(m_mentioned.size());
  calls.reserve(m_calls);
  for (const std::uint32_t index : m_mentioned) {
    const Entry& entry = m_entries[index];
    names.push_back(entry.name);
    if (entry.called_in == m_function) calls.push_back(entry.name);
  }
  ++m_function;
  m_mentioned.clear();
  m_calls = 0;
  return {std::move(names), std::move(calls)};
}

}  // namespace spyre::testsel::python
