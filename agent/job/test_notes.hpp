// SPDX-License-Identifier: Apache-2.0
// Test annotations from all sources: torch-spyre's configurations, upstream's lists of disabled and of slow tests, and
// the quarantine.
#pragma once

#include <string>
#include <vector>

#include "agent/core/config.hpp"
#include "agent/core/result.hpp"
#include "agent/job/run_history.hpp"
#include "testsel/inventory.hpp"
#include "testsel/quarantine.hpp"
#include "testsel/selection.hpp"

namespace spyre::job {

struct NotesRequest {
  std::vector<std::string> oot_configs;  // files or directories
  std::vector<std::string> reenabled;    // issue numbers
};

// Load the configured quarantine; empty when none is configured. Error: not_found, io, config (also when an entry has
// expired).
Result<std::vector<testsel::Quarantined>> load_quarantine(const Config& config);

struct TestAnnotations {
  testsel::TestNotes notes;
  testsel::Evidence evidence;
};
// Load all annotations. Names that do not match a test of the revision, and unknown keys, cost a warning each. Error:
// not_found, io, invalid, config (also for an expired quarantine).
Result<TestAnnotations> load_test_annotations(const testsel::Inventory& inventory, const NotesRequest& request,
                                              const Config& config, RunHistory& earlier);

// Test file → the tests of it that are named: "TestFoo::test_x".
using ConfiguredTests = std::map<std::string, std::vector<std::string>>;
// Return the tests that configurations name and do not skip. Error: not_found, io, config.
Result<ConfiguredTests> configured_tests(const std::vector<std::string>& configs, const testsel::Inventory& inventory);

// Replace the notes of a selection that was made without them; tests to be skipped are withheld. Error:
// nothing_selected.
Result<void> apply_notes(testsel::TestNotes notes, testsel::Selection& selection);

// Apply configurations to a selection that was made without them; tests to be skipped are withheld. Error: as above.
Result<void> apply_oot_configs(const std::vector<std::string>& configs, testsel::Selection& selection);

}  // namespace spyre::job
