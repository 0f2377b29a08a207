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

// Knowledge about tests besides their source, by id. May be empty: then the order depends on the source alone.
struct Evidence {
  std::unordered_set<std::string> demanded;         // by configuration
  std::unordered_set<std::string> passing;          // on Spyre
  std::unordered_map<std::string, double> seconds;  // of all cases of a test
};

// A fraction in millionths, so that rounding is the same everywhere.
class Share {
 public:
  // `fraction` is in [0, 1].
  explicit Share(double fraction);
  // Return this share of a count, rounded up.
  std::size_t of(std::size_t count) const;
  // Return whether a unit is in this share of all possible units, independent of the other units that exist.
  bool takes(std::string_view unit) const;

 private:
  std::uint64_t m_millionths;
};

// How much one test function covers. Documents contain these names.
enum class Breadth {
  operators,  // it runs over operators or modules: @ops, @modules
  dtypes,     // over dtypes
  single,
};

// The sort key of a test. The smaller key comes first; false is smaller than true.
//
// All members but `repeats_file` depend on the test alone. So a test that is added or removed moves at most one other,
// the one that was or becomes the first of its file. Hence, with f the enabled fraction, adding or removing k tests
// changes the choice of at most k + ⌈f·k⌉ others, which is k + 1 for up to 1/f tests. No order that covers every file
// as early as possible does better: remove k tests that stood for their files, and each file needs another one, while
// the smaller share has to give up ⌈f·k⌉ elsewhere.
struct RankKey {
  bool undemanded = true;
  bool repeats_file = true;  // a better test of the same file exists: every file comes before the second test of one
  Breadth breadth = Breadth::single;
  bool unproven = true;    // not known to pass on Spyre
  int cost = 0;            // doubles with each step
  std::uint64_t hash = 0;  // an arbitrary order that never changes
  std::string_view id;     // makes the key unique
  auto operator<=>(const RankKey&) const = default;
};

Breadth breadth_of(const Test& test);
std::string_view name(Breadth breadth);
std::optional<Breadth> parse_breadth(std::string_view name);

// Return the in-scope tests, first to be enabled first.
std::vector<const Test*> ranked(const Inventory& inventory, const Scope& scope, const Rulings& rulings,
                                const Evidence& evidence = {});

}  // namespace spyre::testsel
