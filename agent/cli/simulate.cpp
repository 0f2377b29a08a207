// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/simulate.hpp"

#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/cards/card.hpp"
#include "agent/cli/command.hpp"
#include "agent/core/text.hpp"
#include "agent/plan/planner.hpp"
#include "agent/plan/workload.hpp"

namespace spyre::cli {
namespace {

struct SimulateOptions {
  std::string plan, durations;
  int cards = 0;  // 0: the plan's
  bool shards = false;
  plan::SimulationOptions simulation;
  plan::WorkloadOptions workload;
};

// Return a plan for synthetic tests, in files with the real durations.
Result<plan::Plan> plan_for_durations(const SimulateOptions& options) {
  TRY(const plan::Durations known, plan::read_durations(options.durations));
  TRY(const plan::Workload input, plan::make_workload(known, options.workload));
  plan::PlanOptions plan_options;
  plan_options.cards = options.cards;
  plan_options.gangs = input.gangs;
  return plan::make_plan(input.selection, input.durations, plan_options);
}

Result<plan::Plan> plan_to_simulate(const SimulateOptions& options) {
  if (options.plan.empty() == options.durations.empty()) {
    return fail(ErrorKind::usage, "a simulation needs a plan, or durations to make one",
                "give either --plan FILE or --durations FILE");
  }
  if (options.cards < 0 || options.cards > cards::max_cards) {
    return fail(ErrorKind::usage, fmt::format("--cards {} is not a number of cards", options.cards),
                fmt::format("give a number from 1 to {}", cards::max_cards));
  }
  if (!options.durations.empty()) {
    if (options.cards == 0) return fail(ErrorKind::usage, "--durations needs --cards N", "for example --cards 128");
    return plan_for_durations(options);
  }
  TRY(plan::Plan made, plan::read_plan(options.plan));
  if (options.cards == 0 || options.cards == made.cards) return made;
  if (options.shards) {
    return fail(ErrorKind::usage,
                fmt::format("the plan has shards for {} cards, not for {}", made.cards, options.cards),
                "make a plan for that number of cards, or omit --shards");
  }
  made.cards = options.cards;
  return made;
}

std::string describe(const plan::Simulation& simulation) {
  const double capacity = simulation.makespan_s * simulation.cards;
  const auto line = [&](std::string_view what, double seconds) {
    return fmt::format("  {:<10}{:>8.1f} s a card  {:>5.1f} %\n", what, seconds / simulation.cards,
                       capacity > 0 ? 100 * seconds / capacity : 0.0);
  };
  std::string text = fmt::format("{} cards: {}, at least {} (ratio {:.3f})\n", simulation.cards,
                                 format_duration(Seconds{simulation.makespan_s}),
                                 format_duration(Seconds{simulation.lower_bound_s}), simulation.ratio);
  text += line("tests", simulation.tests_s) + line("imports", simulation.imports_s) + line("idle", simulation.idle_s);
  if (simulation.failed_cards > 0) {
    text += line("lost", simulation.lost_s) + fmt::format("{} cards failed\n", simulation.failed_cards);
  }
  if (simulation.not_run > 0) {
    text += fmt::format("{} batches could not run: they need more cards than were left\n", simulation.not_run);
  }
  return text;
}

Result<int> simulate(SimulateOptions options, const Session& session) {
  if (options.shards) options.simulation.dealing = plan::Dealing::shards;
  options.workload.seed = options.simulation.seed;
  TRY(const plan::Plan made, plan_to_simulate(options));
  TRY(const plan::Simulation simulation, plan::simulate(made, options.simulation));
  session.print(plan::to_json(simulation), describe(simulation));
  return 0;
}

}  // namespace

void add_simulate(Command program) {
  const auto options = std::make_shared<SimulateOptions>();
  Command command = program.add_command("simulate", "Estimate how long a plan takes, without running it");
  command.add_option("--plan", options->plan, "plan from `spyre-ci plan`").type_name("FILE");
  command.add_option("--durations", options->durations, "PyTorch's test-times.json, instead of a plan")
      .type_name("FILE");
  command.add_option("--cards", options->cards, "number of cards; default: that of the plan").type_name("N");
  command.add_option("--error", options->simulation.estimate_error, "spread of the real durations: 0.3 is about ±30 %");
  command.add_option("--failing-cards", options->simulation.failing_cards, "share of cards that fail: 0.01");
  command.add_option("--gangs", options->workload.gang_share,
                     "with --durations: share of the time in tests that need several cards");
  command.add_option("--tests", options->workload.tests, "with --durations: number of tests");
  command.add_option("--seed", options->simulation.seed, "seed of the random failures");
  command.add_flag("--shards", options->shards, "each card runs its own shard, as with `exec --shard`");
  command.footer(
      "Examples:\n"
      "  spyre-ci simulate --plan plan.json --error 0.3\n"
      "  spyre-ci simulate --durations test-times.json --cards 2048 --error 0.3 --failing-cards 0.01 --json");
  command.act([options](const Session& s) { return simulate(*options, s); });
}

}  // namespace spyre::cli
