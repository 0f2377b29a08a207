// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/file_selection.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <utility>

#include <boost/sort/pdqsort/pdqsort.hpp>

#include "agent/core/parallel.hpp"
#include "agent/plan/durations.hpp"
#include "testsel/size.hpp"

namespace spyre::plan {
namespace {

// Generators run with their tests: those of their class, else those of their file, else after all others.
void rank_generators(const std::vector<UnitWork>& tests, std::size_t last_rank, std::vector<Selected>& generators) {
  const auto lowest = [last_rank](auto first, auto last) {
    const auto found = std::ranges::min_element(first, last, {}, &UnitWork::rank);
    return found == last ? last_rank : found->rank;
  };
  for (Selected& generator : generators) {
    const std::string prefix = std::string(generator.id) + "::";
    const auto first = std::ranges::lower_bound(tests, prefix, {}, &UnitWork::id);
    const auto last = std::find_if(first, tests.end(), [&](const UnitWork& u) { return !u.id.starts_with(prefix); });
    generator.rank = first == last ? lowest(tests.begin(), tests.end()) : lowest(first, last);
  }
}

// Return the first eight bytes as a number, so that most texts are compared without being read again.
std::uint64_t first_bytes(std::string_view text) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < sizeof out; ++i) {
    out = out << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
  }
  return out;
}

// The primary sort key of units.
struct Key {
  std::uint64_t first_bytes;  // of the id, after the common prefix of all ids
  const Selected* selected;
};

// Return the length of the common prefix of all ids.
std::size_t common_prefix(const std::vector<Key>& keys) {
  std::string_view common = keys.empty() ? std::string_view{} : keys.front().selected->id;
  for (const Key& key : keys) {
    if (key.selected->id.starts_with(common)) continue;
    const auto differ = std::ranges::mismatch(common, key.selected->id);
    common = common.substr(0, static_cast<std::size_t>(differ.in1 - common.begin()));
  }
  return common.size();
}

std::vector<Key> keys_of(const std::vector<std::vector<Selected>>& parts) {
  std::vector<Key> keys;
  std::size_t count = 0;
  for (const std::vector<Selected>& part : parts) count += part.size();
  keys.reserve(count);
  for (const std::vector<Selected>& part : parts) {
    for (const Selected& each : part) keys.push_back({0, &each});
  }
  const std::size_t common = common_prefix(keys);
  for (Key& key : keys) key.first_bytes = first_bytes(key.selected->id.substr(common));
  return keys;
}

void sort(std::vector<Key>& keys) {
  const auto by_first_bytes = [](const Key& a, const Key& b) { return a.first_bytes < b.first_bytes; };
  boost::sort::pdqsort_branchless(keys.begin(), keys.end(), by_first_bytes);
  for (auto first = keys.begin(); first != keys.end();) {
    const auto last = std::find_if(first + 1, keys.end(), [&](const Key& key) { return by_first_bytes(*first, key); });
    std::sort(first, last, [](const Key& a, const Key& b) {
      const int order = a.selected->id.compare(b.selected->id);
      return order != 0 ? order < 0 : a.selected->rank < b.selected->rank;
    });
    first = last;
  }
}

std::vector<UnitWork> sorted_units(const std::vector<std::vector<Selected>>& parts) {
  std::vector<Key> keys = keys_of(parts);
  sort(keys);
  std::vector<UnitWork> units;
  units.reserve(keys.size());
  std::uint64_t last = 0;
  for (const Key& key : keys) {
    const Selected& each = *key.selected;
    const bool again = !units.empty() && key.first_bytes == last && units.back().id == each.id;
    if (!again) {
      units.push_back({.id = each.id, .expected_cases = each.cases, .generator = each.generator, .rank = each.rank});
    }
    last = key.first_bytes;
  }
  return units;
}

std::uint32_t cases_of(const testsel::SelectedTest& test) {
  const std::size_t cases = test.cases > 0 ? test.cases : testsel::typical_cases(test.breadth);
  return static_cast<std::uint32_t>(std::min<std::size_t>(cases, std::numeric_limits<std::uint32_t>::max()));
}

// Ids are scattered in memory: prefetch them before they are read.
constexpr std::size_t tests_ahead = 16;

}  // namespace

ByFile group_by_file(const testsel::Selection& selection) {
  const std::size_t parts = std::max(std::thread::hardware_concurrency(), 1U);
  std::vector<std::unordered_map<std::string_view, std::vector<Selected>>> grouped(parts);
  const std::size_t tests = selection.tests.size();
  parallel_for(parts, [&](std::size_t part) {
    for (std::size_t rank = tests * part / parts; rank < tests * (part + 1) / parts; ++rank) {
      __builtin_prefetch(selection.tests[std::min(rank + tests_ahead, tests - 1)].id.data());
      const testsel::SelectedTest& test = selection.tests[rank];
      grouped[part][file_of(test.id)].push_back({.id = test.id, .rank = rank, .cases = cases_of(test)});
    }
  });
  ByFile by_file;
  for (auto& part : grouped) {
    for (auto& [path, tests_of_part] : part) by_file[path].tests.push_back(std::move(tests_of_part));
  }
  for (const std::string& id : selection.generators) {
    by_file[file_of(id)].generators.push_back({.id = id, .generator = true});
  }
  return by_file;
}

std::vector<UnitWork> units_of(FileSelection file, std::size_t last_rank) {
  std::vector<UnitWork> units = sorted_units(file.tests);
  if (file.generators.empty()) return units;
  rank_generators(units, last_rank, file.generators);
  file.tests.push_back(std::move(file.generators));
  return sorted_units(file.tests);
}

}  // namespace spyre::plan
