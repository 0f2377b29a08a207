// SPDX-License-Identifier: Apache-2.0
#include "testsel/impact.hpp"

#include <memory>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/cli/changing.hpp"
#include "agent/cli/command.hpp"
#include "agent/cli/job_options.hpp"
#include "agent/core/files.hpp"
#include "agent/core/json.hpp"
#include "agent/core/log.hpp"
#include "agent/core/text.hpp"
#include "agent/job/artefacts.hpp"
#include "agent/job/past_failures.hpp"
#include "agent/job/selecting.hpp"
#include "agent/job/source.hpp"
#include "testsel/size.hpp"

namespace spyre::cli {
namespace {

struct ImpactOptions {
  job::SourceRequest source;
  ChangingOptions changing;
  testsel::ImpactChoice choice;
  std::string profiling, rules, out, explain;
  bool no_history = false;
};

std::string as_text(const testsel::Impact& impact, const testsel::Selection& selection) {
  std::unordered_map<std::string_view, const testsel::Impact::Ranked*> by_id;
  for (const auto& one : impact.tests) by_id.emplace(one.test->id, &one);
  std::string text;
  for (const testsel::SelectedTest& test : selection.tests) {
    const testsel::Impact::Ranked& one = *by_id.at(test.id);
    const testsel::Clue* main = one.main_clue();
    text += fmt::format("{:.3f}  {}{}\n", one.score(), test.id, main == nullptr ? "" : fmt::format("  {}", main->why));
  }
  return text;
}

std::string as_text(const testsel::Impact::Ranked& test, std::size_t rank, std::size_t of) {
  std::string text =
      fmt::format("{}\n  score {:.3f}, {} of {} tests in scope\n", test.test->id, test.score(), rank, of);
  for (const testsel::Clue* clue : test.clues()) {
    text += fmt::format("  {:<9} {:.2f} x {:.2f}  {}\n", name(clue->kind), clue->weight(), clue->strength, clue->why);
  }
  return text + (test.evidence > 0 ? "  score = 1 - product of (1 - weight x strength)\n"
                                   : "  no evidence: it comes in order of rank\n");
}

Result<int> explain(const std::string& id, const testsel::Impact& impact, const Session& session) {
  const testsel::Impact::Ranked* found = impact.find(id);
  if (found == nullptr) {
    std::vector<std::string> ids;
    for (const auto& one : impact.tests) ids.push_back(one.test->id);
    return fail(ErrorKind::not_found, fmt::format("no test '{}' is in scope{}", id, did_you_mean(id, ids)),
                "`spyre-ci select --explain TEST` says why one is not");
  }
  const std::size_t rank = static_cast<std::size_t>(found - impact.tests.data()) + 1;
  session.print(testsel::to_json(*found, rank), as_text(*found, rank, impact.tests.size()));
  return 0;
}

Result<testsel::ProfileTable> load_profile(const std::string& file) {
  if (file.empty()) return testsel::ProfileTable{};
  TRY(const std::string text, read_file(file));
  return testsel::ProfileTable::parse(text, file);
}

void log_ignored(const testsel::Impact& impact) {
  for (const auto& [path, rule] : impact.found->ignored)
    log::debug(fmt::format("{} does not concern any test: {}", path, rule));
}

Result<int> impact(const ImpactOptions& options, const Session& session) {
  testsel::ImpactKnowledge knowledge;
  TRY(const testsel::Scope rules, job::load_scope(session.config));
  TRY(knowledge.rules, job::load_impact_rules(options.rules));
  TRY(knowledge.profile, load_profile(options.profiling));
  TRY(const job::Source source, job::Source::open(options.source, session.config));
  const testsel::Scope scope = job::settle_artefacts(rules, source.given_directory(), session.config);
  TRY(const FoundChange found, find_change(options.changing, options.source, source, session.config));
  TRY(const testsel::Inventory inventory, testsel::read_inventory(source.tree()));
  knowledge.after = &source.tree();
  knowledge.inventory = &inventory;
  if (found.objects && !options.no_history) {
    job::RunHistory history(session.config);
    knowledge.failures = job::past_failures(found.change.paths(), *found.objects, history);
  }
  TRY(testsel::Clues clues, testsel::find_clues(found.change, knowledge));
  const testsel::Impact impact = testsel::rank_by_impact(inventory, scope, std::move(clues));
  if (!options.explain.empty()) return explain(options.explain, impact, session);

  TRY(testsel::Selection selection, testsel::choose(impact, options.choice));
  for (const std::string& file : selection.unreadable) log::warning(fmt::format("not readable as Python: {}", file));
  CHECK_OK(job::check_artefacts(selection.totals, scope, session.config));
  CHECK_OK(job::set_cards(selection, inventory, session.config));
  testsel::set_sizes(inventory, selection);
  if (!options.out.empty()) CHECK_OK(write_output(options.out, dump_json_pretty(testsel::to_json(selection))));
  if (options.out.empty() || session.json) {
    session.print(testsel::to_json(impact, selection, {found.base, found.change.paths()}), as_text(impact, selection));
  }
  log_ignored(impact);
  log::info(fmt::format("{} of {} tests in scope; {} have evidence", selection.tests.size(), impact.tests.size(),
                        impact.evident));
  return 0;
}

}  // namespace

void add_impact(Command program) {
  const auto options = std::make_shared<ImpactOptions>();
  testsel::ImpactChoice& choice = options->choice;
  Command command = program.add_command("impact", "Rank the tests affected by a change");
  add_source_options(command, options->source);
  add_changing_options(command, options->changing);
  Option fraction = command.add_option("--fraction", choice.fraction,
                                       "share of the in-scope tests, greater than 0, at most 1; default: 0.25");
  fraction.type_name("F");
  command.add_flag("--evident", choice.evident, "all tests with evidence, instead of a share").excludes(fraction);
  command
      .add_option("--only", choice.only, "only those tests whose id, class or file matches; may be given several times")
      .type_name("GLOB");
  command.add_option("--limit", choice.limit, "maximum number of tests, best first").type_name("N");
  command.add_option("--profiling", options->profiling, "td_heuristic_profiling.json: recorded coverage of tests")
      .type_name("FILE");
  command.add_option("--rules", options->rules, "file of rules; default: the embedded pipelines/impact.yaml")
      .type_name("FILE");
  command.add_flag("--no-history", options->no_history, "ignore failures of earlier runs");
  Option out = command.add_option("--out", options->out, "write a selection to this file, for plan and exec");
  out.type_name("FILE");
  command.add_option("--explain", options->explain, "show all evidence for one test").type_name("TEST").excludes(out);
  command.footer(
      "All differences between --base and --rev count: for a pull request, give its merge base.\n"
      "Tests without evidence come last, in order of rank.\n"
      "Examples:\n"
      "  spyre-ci impact --repo ~/pytorch --base main --rev pr/12345 --out selection.json\n"
      "  spyre-ci impact --source ~/pytorch --changed torch/nn/modules/pooling.py --limit 20\n"
      "  spyre-ci impact --rev viable/strict --base main --profiling td_heuristic_profiling.json --json\n"
      "  spyre-ci impact --source ~/pytorch --changed c10/core/Scalar.h --explain "
      "test/test_torch.py::TestTorch::test_dir");
  command.act([options](const Session& s) { return impact(*options, s); });
}

}  // namespace spyre::cli
