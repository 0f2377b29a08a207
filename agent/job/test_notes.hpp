// SPDX-License-Identifier: Apache-2.0
// What is known of tests besides their source, from every place that says something: torch-spyre's configurations,
// upstream's list of disabled tests and of slow ones, and the quarantine.
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
  std::vector<std::string> reenabled;    // numbers of issues
};

// The configured quarantine; empty when there is none. Error: not_found, io, config (also when an entry is over).
Result<std::vector<testsel::Quarantined>> load_quarantine(const Config& config);

struct TestAnnotations {
  testsel::TestNotes notes;
  testsel::Evidence evidence;
};
// What names no test of the revision, and keys that nobody knows, cost a warning each. Error: not_found, io, invalid,
// config (also for a quarantine that is over).
Result<TestAnnotations> load_test_annotations(const testsel::Inventory& inventory, const NotesRequest& request,
                                              const Config& config, RunHistory& earlier);

// Test file → what is named of it: "TestFoo::test_x".
using ConfiguredTests = std::map<std::string, std::vector<std::string>>;
// Return the tests that configurations name and do not skip. Error: not_found, io, config.
Result<ConfiguredTests> configured_tests(const std::vector<std::string>& configs, const testsel::Inventory& inventory);

// These notes, and no others, go with a selection that was made without them: tests to be skipped are withheld. Error:
// nothing_selected.
Result<void> apply_notes(testsel::TestNotes notes, testsel::Selection& selection);

// What configurations say of tests that were selected without them: tests to be skipped are withheld. Error: as above.
Result<void> apply_oot_configs(const std::vector<std::string>& configs, testsel::Selection& selection);

}  // namespace spyre::job
