// SPDX-License-Identifier: Apache-2.0
#include "testsel/python/name_set.hpp"

#include <algorithm>

#include "agent/core/hash.hpp"

namespace spyre::testsel::python {

void NameSet::clear() {
  ++m_function;
  m_mentioned.clear();
  m_called.clear();
}

void NameSet::add(std::string_view name, bool called) {
  Entry& entry = find(name);
  const auto index = static_cast<std::uint32_t>(&entry - m_entries.data());
  if (entry.mentioned_in != m_function) {
    entry.mentioned_in = m_function;
    m_mentioned.push_back(index);
  }
  if (called && entry.called_in != m_function) {
    entry.called_in = m_function;
    m_called.push_back(index);
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

std::vector<std::string_view> NameSet::names() const {
  return sorted(m_mentioned);
}
std::vector<std::string_view> NameSet::calls() const {
  return sorted(m_called);
}

std::vector<std::string_view> NameSet::sorted(const std::vector<std::uint32_t>& entries) const {
  std::vector<std::string_view> names;
  names.reserve(entries.size());
  for (const std::uint32_t index : entries) names.push_back(m_entries[index].name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace spyre::testsel::python
