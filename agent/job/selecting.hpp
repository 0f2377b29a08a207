// SPDX-License-Identifier: Apache-2.0
// The common part of `select`, `impact` and `run`: the scope rules, and the options that choose tests.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/core/config.hpp"
#include "agent/core/file_tree.hpp"
#include "agent/core/result.hpp"
#include "agent/job/test_notes.hpp"
#include "testsel/impact_rules.hpp"
#include "testsel/inventory.hpp"
#include "testsel/scope.hpp"
#include "testsel/selection.hpp"

namespace spyre::job {

struct SelectRequest {
  std::string stage;
  std::optional<double> fraction;
  std::vector<std::string> only;
  std::size_t limit = 0;
  std::string manifest;  // a stored selection, instead of a stage or fraction
  NotesRequest notes;
};

// Return the configured rules, or the embedded ones. Error: config, not_found, io.
Result<testsel::Scope> load_scope(const Config& config);

// Select tests. `tree`: the tree of the inventory. A case in --only stands for its test. Error: usage (not exactly one
// of stage, fraction and manifest is given, and no configuration requires tests; or an unknown stage); config;
// nothing_selected; those of load_test_annotations and of reading the manifest.
Result<testsel::Selection> make_selection(const testsel::Inventory& inventory, const FileTree& tree,
                                          const testsel::Scope& scope, const SelectRequest& given, const Config& config,
                                          RunHistory& earlier);

// Return the rules of pipelines/impact.yaml, or of a file. Error: config, not_found, io.
Result<testsel::ImpactRules> load_impact_rules(const std::string& file);

// Set how many cards each test needs at once, from the configured rules. Error: config, not_found, io.
Result<void> set_cards(testsel::Selection& selection, const testsel::Inventory& inventory, const Config& config);

// Describe a selection: "stage 1: 401 of 8011 tests in scope (5 %), of 14982 in all".
std::string describe(const testsel::Selection& selection);

}  // namespace spyre::job
