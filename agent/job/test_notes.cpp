// SPDX-License-Identifier: Apache-2.0
#include "agent/job/test_notes.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "agent/core/files.hpp"
#include "agent/core/log.hpp"
#include "agent/core/text.hpp"
#include "agent/job/learnt.hpp"
#include "testsel/disabled.hpp"
#include "testsel/oot_config.hpp"
#include "testsel/quarantine.hpp"

namespace spyre::job {
namespace {

void merge_all(const testsel::Expectations& more, testsel::TestNotes& notes) {
  for (const auto& [id, expectation] : more) {
    if (expectation.mode == testsel::Mode::mandatory_success && expectation.tags.empty()) continue;
    testsel::merge(expectation, notes.tests[id]);
  }
}

Result<testsel::OotConfig> load_oot(const std::vector<std::string>& configs) {
  const char* root = std::getenv("TORCH_ROOT");
  return testsel::OotConfig::load({configs.begin(), configs.end()}, root == nullptr ? "" : root);
}

Result<testsel::OotFindings> match_oot(const std::vector<std::string>& configs, const testsel::Inventory& inventory) {
  TRY(const testsel::OotConfig config, load_oot(configs));
  for (const std::string& warning : config.warnings()) log::warning(warning);
  return testsel::match(config, inventory);
}

Result<void> add_oot_configs(const std::vector<std::string>& configs, const testsel::Inventory& inventory,
                             TestAnnotations& known) {
  if (configs.empty()) return {};
  TRY(const testsel::OotFindings findings, match_oot(configs, inventory));
  for (const std::string& name : findings.not_covered) log::warning(name);
  known.evidence.demanded.insert(findings.demanded.begin(), findings.demanded.end());
  merge_all(findings.expectations, known.notes);
  return {};
}

// Format names: "a, b, c and 7 more".
std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t most = 20;
  const std::vector<std::string> first(names.begin(),
                                       names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), most)));
  return join(first, ", ") + (names.size() > most ? fmt::format(" and {} more", names.size() - most) : "");
}

Result<void> add_disabled(const testsel::Inventory& inventory, const NotesRequest& options, const Config& config,
                          TestAnnotations& known) {
  if (config.selection.disabled.empty()) return {};
  TRY(const auto disabled, testsel::read_disabled(config.selection.disabled));
  const auto& platforms = config.selection.platforms;
  const testsel::DisabledFindings findings =
      testsel::match(disabled.tests, inventory, {platforms.begin(), platforms.end()},
                     {options.reenabled.begin(), options.reenabled.end()});
  merge_all(findings.expectations, known.notes);
  known.notes.cases = findings.cases;
  const std::string& file = config.selection.disabled;
  if (!disabled.odd.empty()) {
    log::warning(fmt::format("{}: ignored, because they do not name a test: {}", file, some_of(disabled.odd)));
  }
  if (!findings.unknown.empty()) {
    log::info(fmt::format("{}: this revision has no tests with these names: {}", file, some_of(findings.unknown)));
  }
  return {};
}

Result<void> add_quarantine(const testsel::Inventory& inventory, const Config& config, TestAnnotations& known) {
  TRY(const auto quarantine, load_quarantine(config));
  const testsel::QuarantineFindings findings = testsel::match(quarantine, inventory);
  for (const std::string& name : findings.unknown) log::warning(name);
  merge_all(findings.expectations, known.notes);
  known.notes.cases.insert(known.notes.cases.end(), findings.cases.begin(), findings.cases.end());
  return {};
}

}  // namespace

Result<std::vector<testsel::Quarantined>> load_quarantine(const Config& config) {
  const std::string& path = config.selection.quarantine;
  if (path.empty()) return std::vector<testsel::Quarantined>{};
  TRY(const std::string text, read_file(path));
  return testsel::parse_quarantine(text, path, SystemClock{}.system());
}

Result<TestAnnotations> load_test_annotations(const testsel::Inventory& inventory, const NotesRequest& request,
                                              const Config& config, RunHistory& earlier) {
  TestAnnotations known;
  if (config.selection.learns) {
    TRY(known.evidence, learnt_from_history(earlier));
  }
  CHECK_OK(add_oot_configs(request.oot_configs, inventory, known));
  CHECK_OK(add_disabled(inventory, request, config, known));
  CHECK_OK(add_quarantine(inventory, config, known));
  if (!config.selection.slow.empty()) {
    TRY(const auto slow, testsel::read_slow(config.selection.slow, inventory));
    known.evidence.seconds.insert(slow.begin(), slow.end());
  }
  return known;
}

Result<ConfiguredTests> configured_tests(const std::vector<std::string>& configs, const testsel::Inventory& inventory) {
  TRY(const testsel::OotConfig config, load_oot(configs));
  TRY(const testsel::OotFindings findings, testsel::match(config, inventory));
  ConfiguredTests configured;
  for (const std::string& unit : findings.demanded) {
    const std::size_t end = unit.find("::");
    if (end != std::string::npos) configured[unit.substr(0, end)].push_back(unit.substr(end + 2));
  }
  return configured;
}

Result<void> apply_oot_configs(const std::vector<std::string>& configs, testsel::Selection& selection) {
  if (configs.empty()) return {};
  testsel::Inventory selected;
  for (const testsel::SelectedTest& test : selection.tests) {
    const std::string path = test.id.substr(0, test.id.find("::"));
    if (selected.files.empty() || selected.files.back().path != path) selected.files.emplace_back().path = path;
    selected.files.back().tests.push_back({test.id, nullptr, nullptr});
  }
  // Names of tests that were not selected are not a mistake here.
  TRY(const testsel::OotFindings findings, match_oot(configs, selected));
  testsel::TestNotes notes = std::move(selection.notes);
  merge_all(findings.expectations, notes);
  return apply_notes(std::move(notes), selection);
}

Result<void> apply_notes(testsel::TestNotes notes, testsel::Selection& selection) {
  selection.notes = {};
  selection.notes.cases = std::move(notes.cases);
  std::erase_if(selection.tests, [&](const testsel::SelectedTest& test) {
    const auto found = notes.tests.find(test.id);
    if (found == notes.tests.end()) return false;
    if (found->second.mode != testsel::Mode::skip) {
      selection.notes.tests.insert(*found);
      return false;
    }
    selection.withheld.push_back({test.id, found->second.reason});
    return true;
  });
  selection.totals.selected = selection.tests.size();
  if (!selection.tests.empty() || !selection.generators.empty()) return {};
  return fail(ErrorKind::nothing_selected, "every test of the selection is to be skipped");
}

}  // namespace spyre::job
