// SPDX-License-Identifier: Apache-2.0
// Everything that speaks for a change to concern tests, found once for the whole inventory.
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
    std::string path;      // after the change; of a file that went, before it
    std::string old_path;  // before the change, as `path` mostly; empty when the file was not there
  };
  std::vector<File> files;
  // The tree before the change; nullptr when nobody knows it: then all that a changed file has counts as changed.
  const FileTree* before = nullptr;

  // All names, old and new: a renamed file is looked at under both. In byte order, each once.
  std::vector<std::string> paths() const;
};

// What is known besides the change. The pointers are not null.
struct ImpactKnowledge {
  const FileTree* after = nullptr;       // the tree with the change
  const Inventory* inventory = nullptr;  // of that tree
  ImpactRules rules;
  ProfileTable profile;
  std::map<std::string, double> failures;  // test id → how often it failed when these files changed, [0, 1]
};

struct Clues {
  std::vector<std::vector<Clue>> of_files;                      // as the files of the inventory: for all their tests
  std::unordered_map<const Test*, std::vector<Clue>> of_tests;  // for one test alone
  std::map<std::string, std::string> ignored;                   // changed file → the rule that says it concerns no
                                                                // test, "pipelines/impact.yaml:12:5: why"
};

// Strengths below `least_strength` are left out. Error: io.
inline constexpr double least_strength = 0.05;
Result<Clues> find_clues(const Change& change, const ImpactKnowledge& knowledge);

}  // namespace spyre::testsel
