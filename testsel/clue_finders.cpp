// SPDX-License-Identifier: Apache-2.0
#include "testsel/clue_finders.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "testsel/kinship.hpp"

namespace spyre::testsel {
namespace {

using Kind = Clue::Kind;

void add(std::vector<Clue>& clues, Clue clue) {
  if (clue.strength >= least_strength) clues.push_back(std::move(clue));
}

bool matches_any(const std::vector<std::string>& globs, std::string_view path) {
  return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) { return glob_match(glob, path); });
}

// By distance: number of test files that are as near, or nearer.
std::vector<std::size_t> as_near(const ImportGraph& graph, const ImportGraph::Reach& reach,
                                 const Inventory& inventory) {
  std::vector<std::size_t> counts;
  for (const TestFile& file : inventory.files) {
    const std::uint32_t* index = graph.index(file.path);
    if (index == nullptr || reach.distance[*index] <= 0) continue;
    const auto distance = static_cast<std::size_t>(reach.distance[*index]);
    if (counts.size() <= distance) counts.resize(distance + 1);
    ++counts[distance];
  }
  for (std::size_t i = 1; i < counts.size(); ++i) counts[i] += counts[i - 1];
  return counts;
}

}  // namespace

void find_imports(const std::vector<std::string>& changed, const ImportGraph& graph, const Inventory& inventory,
                  Clues& clues) {
  constexpr double fade = 0.8;
  for (const std::string& path : changed) {
    if (graph.index(path) == nullptr) continue;
    const ImportGraph::Reach reach = graph.reach(path);
    const std::vector<std::size_t> near = as_near(graph, reach, inventory);
    for (std::size_t f = 0; f < inventory.files.size(); ++f) {
      const std::uint32_t* index = graph.index(inventory.files[f].path);
      if (index == nullptr || reach.distance[*index] <= 0) continue;
      const int distance = reach.distance[*index];
      const double strength =
          std::pow(fade, distance - 1) * rarity(near[static_cast<std::size_t>(distance)], inventory.files.size());
      if (strength < least_strength) continue;
      add(clues.of_files[f], {Kind::imports, strength, path, "imports: " + graph.way(*index, reach)});
    }
  }
}

void find_rules(const std::vector<std::string>& changed, const ImpactRules& rules, const Inventory& inventory,
                Clues& clues) {
  for (const ImpactRule& rule : rules.all()) {
    std::vector<bool> has(inventory.files.size());
    for (const std::string& path : changed) {
      if (rule.concerns_nothing() || !rule.applies_to(path)) continue;
      const std::vector<std::string> globs = rule.tests_for(path);
      for (std::size_t f = 0; f < inventory.files.size(); ++f) {
        if (has[f] || !matches_any(globs, inventory.files[f].path)) continue;
        has[f] = true;
        add(clues.of_files[f], {Kind::rule, 1, path, fmt::format("rule {}: {}", rule.where, rule.note), rule.weight});
      }
    }
  }
}

void find_profiled(const std::vector<std::string>& changed, const ProfileTable& table, const Inventory& inventory,
                   Clues& clues) {
  for (const std::string& path : changed) {
    const ProfileTable::Row& row = table.row(path);
    const double rare = rarity(row.size(), inventory.files.size());
    for (std::size_t f = 0; f < inventory.files.size() && !row.empty(); ++f) {
      const auto found = row.find(inventory.files[f].path);
      if (found == row.end()) continue;
      add(clues.of_files[f], {Kind::profiling, found->second * rare, path,
                              fmt::format("ran {} when profiled, as {} test files did", path, row.size())});
    }
  }
}

void find_kin(const std::vector<std::string>& changed, const Inventory& inventory, Clues& clues) {
  std::vector<std::string> tests;
  for (const TestFile& file : inventory.files) tests.push_back(file.path);
  const Kinship kinship(tests);
  for (const std::string& path : changed) {
    const std::set<std::string> parts = name_parts(path);
    for (std::size_t f = 0; f < tests.size(); ++f) {
      if (tests[f] == path) continue;
      const Kinship::Likeness likeness = kinship.compare(parts, f);
      if (likeness.strength < least_strength) continue;
      add(clues.of_files[f], {Kind::kinship, likeness.strength, path,
                              fmt::format("named like {}: {}", path, join(likeness.shared, ", "))});
    }
  }
}

void find_failures(const std::map<std::string, double>& failures, const Inventory& inventory, Clues& clues) {
  if (failures.empty()) return;
  for (const TestFile& file : inventory.files) {
    for (const Test& test : file.tests) {
      const auto found = failures.find(test.id);
      if (found == failures.end()) continue;
      add(clues.of_tests[&test], {Kind::failures, found->second, {}, "failed before when these files were changed"});
    }
  }
}

}  // namespace spyre::testsel
