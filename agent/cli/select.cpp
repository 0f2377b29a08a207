// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/cli/command.hpp"
#include "agent/cli/job_options.hpp"
#include "agent/core/files.hpp"
#include "agent/core/json.hpp"
#include "agent/core/log.hpp"
#include "agent/core/text.hpp"
#include "agent/job/artefacts.hpp"
#include "agent/job/selecting.hpp"
#include "agent/job/source.hpp"
#include "testsel/scope_report.hpp"
#include "testsel/selection_diff.hpp"

namespace spyre::cli {
namespace {

struct SelectOptions {
  job::SourceRequest source;
  job::SelectRequest selecting;
  std::string out, explain, diff;
  bool report = false;
};

std::string as_text(const testsel::Explanation& explanation) {
  const testsel::Decision& decision = explanation.decision;
  std::string text = fmt::format("{}\n  {}\n", explanation.id,
                                 decision.in_scope ? "in scope" : fmt::format("out of scope: {}", decision.reason));
  if (!decision.rule.empty()) {
    text += fmt::format("  rule {} ({})\n  {}\n", decision.rule, decision.where, decision.note);
    for (const std::string& evidence : decision.evidence) text += fmt::format("  because of {}\n", evidence);
  }
  text += "facts read from the source:\n";
  for (const testsel::Fact& fact : explanation.facts) {
    text +=
        fmt::format("  {:<12} {}{}{}\n", fact.kind, fact.text, fact.line > 0 ? fmt::format("  line {}", fact.line) : "",
                    fact.through.empty() ? "" : fmt::format("  through {}", fact.through));
  }
  return text;
}

nlohmann::json as_json(const testsel::Explanation& explanation) {
  const testsel::Decision& decision = explanation.decision;
  nlohmann::json facts = nlohmann::json::array();
  for (const testsel::Fact& fact : explanation.facts) {
    facts.push_back({{"kind", fact.kind}, {"text", fact.text}, {"line", fact.line}, {"through", fact.through}});
  }
  return {{"id", explanation.id},          {"in_scope", decision.in_scope}, {"reason", decision.reason},
          {"rule", decision.rule},         {"note", decision.note},         {"where", decision.where},
          {"evidence", decision.evidence}, {"facts", std::move(facts)}};
}

bool has(const testsel::TestFile& file, const std::string& id) {
  const auto is_it = [&](const testsel::Test& test) { return test.id == id; };
  return std::any_of(file.tests.begin(), file.tests.end(), is_it) ||
         std::find(file.generators.begin(), file.generators.end(), id) != file.generators.end();
}

tl::unexpected<Error> unknown_test(const std::string& id, const testsel::Inventory& inventory) {
  std::vector<std::string> ids;
  for (const testsel::TestFile& file : inventory.files) {
    for (const testsel::Test& test : file.tests) ids.push_back(test.id);
  }
  return fail(ErrorKind::not_found, fmt::format("no test '{}'{}", id, did_you_mean(id, ids)),
              "`spyre-ci list` prints every test");
}

Result<int> explain(const std::string& id, const testsel::Inventory& inventory, const testsel::Scope& scope,
                    const Session& session) {
  for (const testsel::TestFile& file : inventory.files) {
    if (!has(file, id)) continue;
    const testsel::Explanation explanation = testsel::explain(file, id, scope);
    session.print(as_json(explanation), as_text(explanation));
    return 0;
  }
  return unknown_test(id, inventory);
}

std::string as_text(const testsel::Selection& selection) {
  std::string text;
  for (const testsel::SelectedTest& test : selection.tests) text += fmt::format("{}\n", test.id);
  return text;
}

// The current selection, with the parameters of the manifest unless others are given.
Result<int> diff(const SelectOptions& options, const testsel::Inventory& inventory, const FileTree& tree,
                 const testsel::Scope& scope, const Session& session) {
  TRY(const testsel::Selection manifest, testsel::read_selection(options.diff));
  job::SelectRequest today = options.selecting;
  if (today.stage.empty() && !today.fraction) today.fraction = manifest.fraction;
  job::RunHistory history(session.config);
  TRY(const testsel::Selection current, job::make_selection(inventory, tree, scope, today, session.config, history));
  const testsel::SelectionDiff diff = testsel::compare(manifest, current, inventory);
  if (!options.out.empty()) CHECK_OK(write_output(options.out, dump_json_pretty(testsel::to_json(current))));
  session.print(testsel::to_json(diff), testsel::as_text(diff));
  log::info(fmt::format("{} added, {} removed, {} moved, {} renamed, {} not in this revision", diff.added.size(),
                        diff.removed.size(), diff.moved.size(), diff.renamed.size(), diff.gone.size()));
  return 0;
}

Result<int> report(const SelectOptions& options, const testsel::Inventory& inventory, const testsel::Scope& scope,
                   const Session& session) {
  const testsel::ScopeReport report = testsel::report_scope(inventory, scope);
  const nlohmann::json document = testsel::to_json(report);
  if (!options.out.empty()) CHECK_OK(write_output(options.out, dump_json_pretty(document)));
  session.print(document, testsel::as_text(report));
  return 0;
}

Result<int> select(const SelectOptions& options, const Session& session) {
  TRY(const testsel::Scope rules, job::load_scope(session.config));
  TRY(const job::Source source, job::Source::open(options.source, session.config));
  const testsel::Scope scope = job::settle_artefacts(rules, source.given_directory(), session.config);
  TRY(const testsel::Inventory inventory, testsel::read_inventory(source.tree()));
  if (!options.explain.empty()) return explain(options.explain, inventory, scope, session);
  if (options.report) return report(options, inventory, scope, session);
  if (!options.diff.empty()) return diff(options, inventory, source.tree(), scope, session);
  job::RunHistory history(session.config);
  TRY(const testsel::Selection selection,
      job::make_selection(inventory, source.tree(), scope, options.selecting, session.config, history));
  const nlohmann::json document = testsel::to_json(selection);
  if (!options.out.empty()) CHECK_OK(write_output(options.out, dump_json_pretty(document)));
  if (options.out.empty() || session.json) session.print(document, as_text(selection));
  log::info(job::describe(selection));
  return 0;
}

}  // namespace

void add_select(Command program) {
  const auto options = std::make_shared<SelectOptions>();
  Command command = program.add_command("select", "Select the in-scope tests that a stage enables");
  add_source_options(command, options->source);
  add_selecting_options(command, options->selecting);
  Option out =
      command.add_option("--out", options->out, "output file for the selection; with --report, for the report");
  out.type_name("FILE");
  command.add_option("--explain", options->explain, "show why one test is in scope or not")
      .type_name("TEST")
      .excludes(out);
  command.add_flag("--report", options->report,
                   "show how much of PyTorch is in scope: by reason, by directory and by rule");
  command
      .add_option("--diff", options->diff,
                  "compare with a stored selection: added, removed, moved, renamed; "
                  "with --out, update it")
      .type_name("MANIFEST");
  command.footer(
      "A larger stage contains every smaller one. The same revision and rules give the same selection, byte for byte.\n"
      "Examples:\n"
      "  spyre-ci select --rev main --stage 1 --out selection.json\n"
      "  spyre-ci select --source ~/pytorch --fraction 1 --only 'test/test_torch.py'\n"
      "  spyre-ci select --source ~/pytorch --explain test/test_torch.py::TestTorch::test_dir\n"
      "  spyre-ci select --rev main --report\n"
      "  spyre-ci select --rev main --diff manifest.json --out manifest.json\n"
      "  spyre-ci select --rev main --oot-config torch-spyre/tests/configs --out selection.json");
  command.act([options](const Session& s) { return select(*options, s); });
}

}  // namespace spyre::cli
