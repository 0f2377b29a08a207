// SPDX-License-Identifier: Apache-2.0
// The order in which tests are enabled.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "testsel/inventory.hpp"
#include "testsel/scope.hpp"

namespace spyre::testsel {

// What is known of tests besides their source, by id. Empty is fine: then the order is a function of the source alone.
struct Evidence {
  std::unordered_set<std::string> demanded;         // by configuration
  std::unordered_set<std::string> passing;          // on Spyre
  std::unordered_map<std::string, double> seconds;  // of all cases of a test
};

// A share of something in millionths, so that rounding is the same everywhere.
class Share {
 public:
  // `fraction` is in [0, 1].
  explicit Share(double fraction);
  // Rounded up.
  std::size_t of(std::size_t count) const;
  // Whether a unit is among this share of all units that there could be, whatever other units there are.
  bool takes(std::string_view unit) const;

 private:
  std::uint64_t m_millionths;
};

// How much one test function covers. The names are written in documents.
enum class Breadth {
  operators,  // it runs over operators or modules: @ops, @modules
  dtypes,     // over dtypes
  single,
};

// Where a test stands. The smaller key comes first; false is smaller than true.
//
// All but `repeats_file` depends on the test alone, so a test that comes or goes moves at most one other, the one that
// was or becomes the first of its file. Hence, with f the fraction that is enabled: adding or removing k tests changes
// the choice of at most k + ⌈f·k⌉ others, which is k + 1 for up to 1/f tests. No order that covers every file as early
// as it can does better: take away k tests that stood for their files, and each file wants another one, while the
// smaller share has to give up ⌈f·k⌉ elsewhere.
struct RankKey {
  bool undemanded = true;
  bool repeats_file = true;  // a better test of the same file is there: every file comes before the second test of one
  Breadth breadth = Breadth::single;
  bool unproven = true;    // not known to pass on Spyre
  int cost = 0;            // doubles with each step
  std::uint64_t hash = 0;  // an order that means nothing and never changes
  std::string_view id;     // two tests never stand in the same place
  auto operator<=>(const RankKey&) const = default;
};

Breadth breadth_of(const Test& test);
std::string_view name(Breadth breadth);
std::optional<Breadth> parse_breadth(std::string_view name);

// The in-scope tests, first to be enabled first.
std::vector<const Test*> ranked(const Inventory& inventory, const Scope& scope, const Rulings& rulings,
                                const Evidence& evidence = {});

}  // namespace spyre::testsel
