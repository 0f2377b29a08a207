// SPDX-License-Identifier: Apache-2.0
#include "agent/job/selecting.hpp"

#include <fmt/format.h>

#include "agent/core/files.hpp"
#include "agent/core/log.hpp"
#include "agent/core/text.hpp"
#include "agent/job/artefacts.hpp"
#include "agent/plan/gangs.hpp"
#include "embedded/spyre_pipelines.hpp"
#include "testsel/named_cases.hpp"
#include "testsel/selection_diff.hpp"
#include "testsel/size.hpp"
#include "testsel/stages.hpp"

namespace spyre::job {
namespace {

struct Text {
  std::string text, origin;
};

// Return a configured file, or the embedded text.
Result<Text> configured(const std::string& path, std::string_view embedded, const char* name) {
  if (path.empty()) return Text{std::string(embedded), fmt::format("pipelines/{}", name)};
  TRY(std::string text, read_file(path));
  return Text{std::move(text), path};
}

Result<testsel::SelectOptions> select_options(const SelectRequest& options, const Config& config) {
  // Configurations alone select the tests that they name.
  const bool only_demanded = options.stage.empty() && !options.fraction && !options.notes.oot_configs.empty();
  if (options.stage.empty() != options.fraction.has_value() && !only_demanded) {
    return fail(ErrorKind::usage, "which tests? give either --stage or --fraction",
                "--stage 1, or --fraction 0.05; `spyre-ci config stages` shows the stages");
  }
  testsel::SelectOptions select;
  select.only_demanded = only_demanded;
  if (options.fraction) {
    select.fraction = *options.fraction;
  } else if (!only_demanded) {
    TRY(const Text text, configured(config.selection.stages, pipelines::stages, "stages.yaml"));
    TRY(const testsel::Stages stages, testsel::Stages::parse(text.text, text.origin));
    TRY(const testsel::Stage stage, stages.find(options.stage));
    select = testsel::SelectOptions::of(stage);
    if (stage.fraction == 0) {
      return fail(ErrorKind::nothing_selected,
                  fmt::format("stage {} runs no PyTorch tests ({})", stage.id, stage.description),
                  "`spyre-ci config stages` shows the stages");
    }
  }
  select.only = options.only;
  select.limit = options.limit;
  return select;
}

Result<testsel::Selection> select_tests(const testsel::Inventory& inventory, const testsel::Scope& scope,
                                        const SelectRequest& options, const Config& config, RunHistory& earlier) {
  TRY(testsel::SelectOptions select, select_options(options, config));
  TRY(TestAnnotations known, load_test_annotations(inventory, options.notes, config, earlier));
  select.notes = std::move(known.notes);
  select.evidence = std::move(known.evidence);
  return testsel::select(inventory, scope, select);
}

Result<testsel::Selection> pinned_tests(const testsel::Inventory& inventory, const SelectRequest& options,
                                        const Config& config, RunHistory& earlier) {
  if (!options.stage.empty() || options.fraction || !options.only.empty() || options.limit > 0) {
    return fail(ErrorKind::usage,
                "--manifest selects the tests: it cannot be combined with --stage, --fraction, --only or --limit",
                "`select --stage 1 --out FILE` makes another manifest");
  }
  TRY(const testsel::Selection manifest, testsel::read_selection(options.manifest));
  TRY(testsel::Selection pinned, testsel::pin(manifest, inventory));
  if (pinned.tests.size() < manifest.tests.size()) {
    log::warning(fmt::format("{}: {} of its {} tests are not in this revision; `select --diff` names them",
                             options.manifest, manifest.tests.size() - pinned.tests.size(), manifest.tests.size()));
  }
  TRY(TestAnnotations known, load_test_annotations(inventory, options.notes, config, earlier));
  CHECK_OK(apply_notes(std::move(known.notes), pinned));
  return pinned;
}

// Tests run as a whole: other cases of the same test also run.
void add_tests_of_cases(const testsel::Inventory& inventory, const FileTree& tree, std::vector<std::string>& only) {
  const std::vector<std::string> given = only;
  for (const std::string& name : given) {
    const std::vector<std::string> tests = testsel::tests_of_cases(name, inventory, tree);
    if (tests.empty()) continue;
    log::info(fmt::format("--only {} is run by {}", name, join(tests, ", ")));
    only.insert(only.end(), tests.begin(), tests.end());
  }
}

}  // namespace

Result<testsel::Scope> load_scope(const Config& config) {
  TRY(const Text text, configured(config.selection.scope, pipelines::scope, "scope.yaml"));
  return testsel::Scope::parse(text.text, text.origin);
}

Result<testsel::ImpactRules> load_impact_rules(const std::string& file) {
  TRY(const Text text, configured(file, pipelines::impact, "impact.yaml"));
  return testsel::ImpactRules::parse(text.text, text.origin);
}

Result<void> set_cards(testsel::Selection& selection, const testsel::Inventory& inventory, const Config& config) {
  TRY(const Text gangs, configured(config.selection.gangs, pipelines::gangs, "gangs.yaml"));
  TRY(const plan::GangRules rules, plan::GangRules::parse(gangs.text, gangs.origin));
  const auto sizes = rules.sizes(inventory);
  for (testsel::SelectedTest& test : selection.tests) {
    if (const auto size = sizes.find(test.id); size != sizes.end()) test.cards = size->second;
  }
  return {};
}

Result<testsel::Selection> make_selection(const testsel::Inventory& inventory, const FileTree& tree,
                                          const testsel::Scope& scope, const SelectRequest& given, const Config& config,
                                          RunHistory& earlier) {
  SelectRequest options = given;
  add_tests_of_cases(inventory, tree, options.only);
  TRY(testsel::Selection selection, options.manifest.empty() ? select_tests(inventory, scope, options, config, earlier)
                                                             : pinned_tests(inventory, options, config, earlier));
  CHECK_OK(check_artefacts(selection.totals, scope, config));
  CHECK_OK(set_cards(selection, inventory, config));
  testsel::set_sizes(inventory, selection);
  for (const std::string& file : selection.unreadable) log::warning(fmt::format("not readable as Python: {}", file));
  return selection;
}

std::string describe(const testsel::Selection& selection) {
  const auto& totals = selection.totals;
  const std::string what = selection.stage.empty() ? fmt::format("fraction {}", selection.fraction)
                                                   : fmt::format("stage {}", selection.stage);
  const std::string withheld =
      selection.withheld.empty() ? "" : fmt::format("; {} more are withheld", selection.withheld.size());
  return fmt::format(
      "{}: {} of {} tests in scope ({:.1f} %), of {} in all{}", what, totals.selected, totals.in_scope,
      totals.in_scope == 0 ? 0. : 100. * static_cast<double>(totals.selected) / static_cast<double>(totals.in_scope),
      totals.tests, withheld);
}

}  // namespace spyre::job
