// SPDX-License-Identifier: Apache-2.0
#include "testsel/rank.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "agent/core/hash.hpp"

namespace spyre::testsel {
namespace {

constexpr std::uint64_t million = 1'000'000;

}  // namespace

Share::Share(double fraction) : m_millionths(static_cast<std::uint64_t>(std::llround(fraction * million))) {}

std::size_t Share::of(std::size_t count) const {
  return (count * m_millionths + million - 1) / million;
}

bool Share::takes(const std::string& unit) const {
  return (stable_hash(unit) >> 32) * million < m_millionths << 32;
}

std::vector<const Test*> ranked(const Inventory& inventory, const Scope& scope, const Rulings& rulings) {
  std::vector<std::pair<RankKey, const Test*>> places;
  for (std::size_t f = 0; f < inventory.files.size(); ++f) {
    const std::vector<Test>& tests = inventory.files[f].tests;
    for (std::size_t t = 0; t < tests.size(); ++t) {
      if (!in_scope(scope, rulings.files[f].tests[t])) continue;
      places.emplace_back(RankKey{.tier = 0, .hash = stable_hash(tests[t].id), .id = tests[t].id}, &tests[t]);
    }
  }
  std::sort(places.begin(), places.end());
  std::vector<const Test*> order;
  order.reserve(places.size());
  for (const auto& [key, test] : places) order.push_back(test);
  return order;
}

}  // namespace spyre::testsel
