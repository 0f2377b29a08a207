// SPDX-License-Identifier: Apache-2.0
#include "testsel/rank.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "agent/core/hash.hpp"

namespace spyre::testsel {
namespace {

constexpr std::uint64_t million = 1'000'000;
constexpr std::array<std::string_view, 3> breadth_names{"operators", "dtypes", "single"};  // as in Breadth

using Place = std::pair<RankKey, const Test*>;

int cost_of(double seconds) {
  constexpr double shortest = 0.125;  // shorter ones do not differ
  return std::ilogb(std::max(seconds, shortest));
}

RankKey key_of(const Test& test, const Evidence& evidence) {
  constexpr double unknown_s = 1;
  const auto seconds = evidence.seconds.find(test.id);
  return {.undemanded = !evidence.demanded.contains(test.id),
          .repeats_file = true,
          .breadth = breadth_of(test),
          .unproven = !evidence.passing.contains(test.id),
          .cost = cost_of(seconds == evidence.seconds.end() ? unknown_s : seconds->second),
          .hash = stable_hash(test.id),
          .id = test.id};
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  const std::string_view last = name.substr(name.rfind('.') + 1);
  return std::find(names.begin(), names.end(), last) != names.end();
}

}  // namespace

Share::Share(double fraction) : m_millionths(static_cast<std::uint64_t>(std::llround(fraction * million))) {}

std::size_t Share::of(std::size_t count) const {
  return (count * m_millionths + million - 1) / million;
}

bool Share::takes(std::string_view unit) const {
  return (stable_hash(unit) >> 32) * million < m_millionths << 32;
}

Breadth breadth_of(const Test& test) {
  Breadth breadth = Breadth::single;
  for (const python::Decorator& decorator : test.function->decorators) {
    if (is_one_of(decorator.name, {"ops", "modules"})) return Breadth::operators;
    if (is_one_of(decorator.name, {"dtypes", "dtypesIfCPU", "dtypesIfCUDA", "dtypesIfPRIVATEUSE1"})) {
      breadth = Breadth::dtypes;
    }
  }
  return breadth;
}

std::string_view name(Breadth breadth) {
  return breadth_names[static_cast<std::size_t>(breadth)];
}

std::optional<Breadth> parse_breadth(std::string_view name) {
  const auto found = std::find(breadth_names.begin(), breadth_names.end(), name);
  if (found == breadth_names.end()) return std::nullopt;
  return static_cast<Breadth>(found - breadth_names.begin());
}

std::vector<const Test*> ranked(const Inventory& inventory, const Scope& scope, const Rulings& rulings,
                                const Evidence& evidence) {
  std::vector<Place> places;
  for (std::size_t f = 0; f < inventory.files.size(); ++f) {
    const std::vector<Test>& tests = inventory.files[f].tests;
    const auto of_this_file = static_cast<std::ptrdiff_t>(places.size());
    for (std::size_t t = 0; t < tests.size(); ++t) {
      if (in_scope(scope, rulings.files[f].tests[t])) places.emplace_back(key_of(tests[t], evidence), &tests[t]);
    }
    const auto first = std::min_element(places.begin() + of_this_file, places.end());
    if (first != places.end()) first->first.repeats_file = false;
  }
  std::sort(places.begin(), places.end());
  std::vector<const Test*> order;
  order.reserve(places.size());
  for (const auto& [key, test] : places) order.push_back(test);
  return order;
}

}  // namespace spyre::testsel
