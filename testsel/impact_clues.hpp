// SPDX-License-Identifier: Apache-2.0
// All clues that a change concerns tests, found once for the whole inventory.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/core/file_tree.hpp"
#include "agent/core/result.hpp"
#include "testsel/clue.hpp"
#include "testsel/impact_rules.hpp"
#include "testsel/inventory.hpp"
#include "testsel/profile_table.hpp"

namespace spyre::testsel {

struct Change {
  struct File {
    std::string path;      // after the change; before it for a deleted file
    std::string old_path;  // before the change, usually the same as `path`; empty if the file was not there
  };
  std::vector<File> files;
  // The tree before the change; nullptr if unknown: then everything in a changed file counts as changed.
  const FileTree* before = nullptr;

  // Return all names, old and new: a renamed file is examined under both. In byte order, each once.
  std::vector<std::string> paths() const;
};

// Knowledge besides the change. The pointers are not null.
struct ImpactKnowledge {
  const FileTree* after = nullptr;       // the tree with the change
  const Inventory* inventory = nullptr;  // of that tree
  ImpactRules rules;
  ProfileTable profile;
  std::map<std::string, double> failures;  // test id → how often it failed when these files changed, [0, 1]
};

struct Clues {
  std::vector<std::vector<Clue>> of_files;                      // by file of the inventory: for all of its tests
  std::unordered_map<const Test*, std::vector<Clue>> of_tests;  // for one test alone
  std::map<std::string, std::string> ignored;                   // changed file → rule by which it concerns no test
};

// Find all clues with a strength of at least `least_strength`. Error: io.
inline constexpr double least_strength = 0.05;
Result<Clues> find_clues(const Change& change, const ImpactKnowledge& knowledge);

}  // namespace spyre::testsel
