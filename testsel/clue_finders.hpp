// SPDX-License-Identifier: Apache-2.0
// One function for each kind of clue; find_clues() calls them in turn. Each adds the clues that it finds.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "testsel/impact_clues.hpp"
#include "testsel/import_graph.hpp"
#include "testsel/source_edits.hpp"

namespace spyre::testsel {

// The differences in one changed Python file, and whether its old text could be compared.
struct FileEdits {
  std::string path;
  SourceEdits edits;
  bool compared = false;  // false: everything in it counts as changed
};

// Find clues in changes to test files: the test itself 1, its class 0.7, the module around it 0.5, other tests of the
// file 0.2; 0.5 without an old text to compare with.
void find_edited(const std::vector<FileEdits>& edits, const Inventory& inventory, Clues& clues);
// Find mentions: the fewer tests name a definition of the changed file, the stronger.
void find_mentions(const std::vector<FileEdits>& edits, const Inventory& inventory, Clues& clues);
// Find imports: 0.8 to the power of the number of imports between the first and the last, times the rarity of being so
// near.
void find_imports(const std::vector<std::string>& changed, const ImportGraph& graph, const Inventory& inventory,
                  Clues& clues);
// Find rules. Each rule counts once for a test file, for any number of changed files.
void find_rules(const std::vector<std::string>& changed, const ImpactRules& rules, const Inventory& inventory,
                Clues& clues);
// Find profiles: the score of the table times the rarity of the test files in its row.
void find_profiled(const std::vector<std::string>& changed, const ProfileTable& table, const Inventory& inventory,
                   Clues& clues);
void find_kin(const std::vector<std::string>& changed, const Inventory& inventory, Clues& clues);
void find_failures(const std::map<std::string, double>& failures, const Inventory& inventory, Clues& clues);

}  // namespace spyre::testsel
