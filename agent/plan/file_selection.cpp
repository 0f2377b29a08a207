// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/file_selection.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <thread>

#include "agent/core/parallel.hpp"
#include "agent/plan/durations.hpp"

namespace spyre::plan {
namespace {

// Generators run with the tests they belong to: those of their class, else those of their file, else after all others.
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

// How many bytes all ids have in common at their beginning.
std::size_t common_prefix(const std::vector<Selected>& selected) {
  std::string_view common = selected.empty() ? std::string_view{} : selected.front().id;
  for (const Selected& each : selected) {
    if (each.id.starts_with(common)) continue;
    const auto differ = std::ranges::mismatch(common, each.id);
    common = common.substr(0, static_cast<std::size_t>(differ.in1 - common.begin()));
  }
  return common.size();
}

// The first eight bytes as a number, so that most texts are compared without being read again.
std::uint64_t first_bytes(std::string_view text) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < sizeof out; ++i) {
    out = out << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
  }
  return out;
}

std::vector<UnitWork> sorted_units(const std::vector<Selected>& selected) {
  struct Key {
    std::uint64_t first_bytes;
    std::size_t position;
  };
  const std::size_t common = common_prefix(selected);
  std::vector<Key> keys;
  keys.reserve(selected.size());
  for (const Selected& each : selected) keys.push_back({first_bytes(each.id.substr(common)), keys.size()});
  std::ranges::sort(keys, [&](const Key& left, const Key& right) {
    if (left.first_bytes != right.first_bytes) return left.first_bytes < right.first_bytes;
    const Selected &a = selected[left.position], &b = selected[right.position];
    const int order = a.id.compare(b.id);
    return order != 0 ? order < 0 : a.rank < b.rank;
  });
  std::vector<UnitWork> units;
  units.reserve(selected.size());
  std::uint64_t last = 0;
  for (const Key& key : keys) {
    const Selected& each = selected[key.position];
    const bool again = !units.empty() && key.first_bytes == last && units.back().id == each.id;
    if (!again) {
      units.push_back({.id = each.id, .breadth = each.breadth, .generator = each.generator, .rank = each.rank});
    }
    last = key.first_bytes;
  }
  return units;
}

// Ids lie all over the memory: asked for some time before they are read, they are there.
constexpr std::size_t fetched_ahead = 16;

}  // namespace

ByFile group_by_file(const testsel::Selection& selection) {
  const std::size_t parts = std::max(std::thread::hardware_concurrency(), 1U);
  std::vector<ByFile> grouped(parts);
  const std::size_t tests = selection.tests.size();
  parallel_for(parts, [&](std::size_t part) {
    for (std::size_t rank = tests * part / parts; rank < tests * (part + 1) / parts; ++rank) {
      __builtin_prefetch(selection.tests[std::min(rank + fetched_ahead, tests - 1)].id.data());
      const testsel::SelectedTest& test = selection.tests[rank];
      grouped[part][file_of(test.id)].tests.push_back({.id = test.id, .rank = rank, .breadth = test.breadth});
    }
  });
  ByFile by_file = std::move(grouped.front());
  for (std::size_t part = 1; part < parts; ++part) {
    for (const auto& [path, some] : grouped[part]) {
      std::vector<Selected>& all = by_file[path].tests;
      all.insert(all.end(), some.tests.begin(), some.tests.end());
    }
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
  file.tests.insert(file.tests.end(), file.generators.begin(), file.generators.end());
  return sorted_units(file.tests);
}

}  // namespace spyre::plan
