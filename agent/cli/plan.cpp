// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/cards/card.hpp"
#include "agent/cli/command.hpp"
#include "agent/cli/job_options.hpp"
#include "agent/core/files.hpp"
#include "agent/core/json.hpp"
#include "agent/core/log.hpp"
#include "agent/job/planning.hpp"
#include "agent/job/test_notes.hpp"

namespace spyre::cli {
namespace {

struct PlanOptions {
  std::string selection, cards, out;
  job::PlanRequest planning;
  std::vector<std::string> oot_configs;
};

// A plan needs only the number of cards, so that it can be made on a machine without cards.
Result<job::PlannedCards> planned_cards(const std::string& text) {
  TRY(const cards::CardSpec spec, cards::parse_card_spec(text));
  if (spec.source == cards::CardSpec::Source::count) return job::PlannedCards{spec.count};
  TRY(const auto found, cards::find_cards(spec, cards::Machine::here()));
  return job::PlannedCards{static_cast<int>(found.size()), found.front().kind};
}

Result<int> plan(const PlanOptions& options, const Session& session) {
  TRY(testsel::Selection selection, testsel::read_selection(options.selection));
  CHECK_OK(job::apply_oot_configs(options.oot_configs, selection));
  TRY(const job::PlannedCards cards, planned_cards(options.cards));
  job::RunHistory history(session.config);
  TRY(const plan::Plan made, job::make_plan(selection, cards, options.planning, history));
  const nlohmann::json document = plan::to_json(made);
  if (!options.out.empty()) CHECK_OK(write_output(options.out, dump_json_pretty(document)));
  if (options.out.empty() || session.json) {
    session.print(document, dump_json_pretty(document));
  }
  log::info(job::describe(made));
  return 0;
}

}  // namespace

void add_plan(Command program) {
  const auto options = std::make_shared<PlanOptions>();
  Command command = program.add_command("plan", "Split a selection into batches and assign them to cards");
  command.add_option("--selection", options->selection, "selection from `spyre-ci select`")
      .type_name("FILE")
      .required();
  command.add_option("--cards", options->cards, "number of cards, or a specification: 128, cpu:2, env, vfio, auto")
      .type_name("SPEC")
      .required();
  command.add_option("--out", options->out, "output file; default: standard output").type_name("FILE");
  add_planning_options(command, options->planning);
  add_oot_option(command, options->oot_configs);
  command.footer(
      "No tests are run. The same selection and durations give the same plan, byte for byte.\n"
      "Examples:\n"
      "  spyre-ci plan --selection selection.json --cards 128 --out plan.json\n"
      "  spyre-ci plan --selection selection.json --cards 24 --durations test-times.json --budget 10m");
  command.act([options](const Session& s) { return plan(*options, s); });
}

}  // namespace spyre::cli
