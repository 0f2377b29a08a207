// SPDX-License-Identifier: Apache-2.0
// The order in which tests are enabled.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "testsel/inventory.hpp"
#include "testsel/scope.hpp"

namespace spyre::testsel {

// A share of something in millionths, so that rounding is the same everywhere.
class Share {
 public:
  // `fraction` is in [0, 1].
  explicit Share(double fraction);
  bool none() const { return m_millionths == 0; }
  // Rounded up.
  std::size_t of(std::size_t count) const;
  // Whether a unit is among this share of all units that there could be, whatever other units there are.
  bool takes(const std::string& unit) const;

 private:
  std::uint64_t m_millionths;
};

// Where a test stands. A key depends on its own test alone, so tests that come or go do not move the others.
struct RankKey {
  int tier = 0;            // smaller ones first
  std::uint64_t hash = 0;  // then in an order that means nothing and never changes
  std::string_view id;     // two tests never stand in the same place
  auto operator<=>(const RankKey&) const = default;
};

// The in-scope tests, first to be enabled first.
std::vector<const Test*> ranked(const Inventory& inventory, const Scope& scope, const Rulings& rulings);

}  // namespace spyre::testsel
