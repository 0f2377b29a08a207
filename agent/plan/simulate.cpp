// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/simulate.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "agent/plan/chance.hpp"
#include "agent/plan/simulated_run.hpp"

namespace spyre::plan {
namespace {

Truth make_truth(const Plan& plan, const SimulationOptions& options) {
  const Chance chance(options.seed);
  Truth truth;
  for (const Batch& batch : plan.batches) {
    double factor = 0;
    for (const std::string_view unit : batch.units) factor += chance.factor(unit, options.estimate_error, 1);
    factor /= static_cast<double>(batch.units.size());
    truth.seconds.push_back((batch.estimate_s - batch.import_s) * factor);
  }
  for (int card = 0; card < plan.cards && options.failing_cards > 0; ++card) {
    const std::string name = fmt::format("card {}", card);
    if (chance.uniform(name, 10) >= options.failing_cards) continue;
    truth.failures.push_back({chance.uniform(name, 11) * plan.lower_bound_s, card});
  }
  std::ranges::sort(truth.failures, {}, &Truth::Failure::at_s);
  return truth;
}

// The lower bound of the work, now that the times are known.
void bound(const Plan& plan, const Truth& truth, Simulation& out) {
  std::map<std::pair<std::string_view, int>, double> imports;
  double total = 0, longest = 0;
  for (std::size_t i = 0; i < plan.batches.size(); ++i) {
    const Batch& batch = plan.batches[i];
    imports[{batch.file, batch.cards}] = batch.import_s;
    total += truth.seconds[i] * batch.cards;
    const double work = batch.estimate_s - batch.import_s;
    const double error = work > 0 ? truth.seconds[i] / work : 1;
    longest = std::max(longest, batch.import_s + batch.longest_s * error);
  }
  for (const auto& [lane, seconds] : imports) out.needed_imports_s += seconds * lane.second;
  out.lower_bound_s = std::max(longest, (total + out.needed_imports_s) / plan.cards);
}

}  // namespace

Result<Simulation> simulate(const Plan& plan, const SimulationOptions& options) {
  const auto within = [](double value, double max) { return value >= 0 && value <= max; };
  if (!within(options.estimate_error, 2)) {
    return fail(ErrorKind::usage, fmt::format("an estimate error of {} makes no sense", options.estimate_error),
                "give a number from 0 to 2; 0.3 is about ±30 %");
  }
  if (!within(options.failing_cards, 0.9)) {
    return fail(ErrorKind::usage, fmt::format("{} is not a valid share of failing cards", options.failing_cards),
                "give a number from 0 to 0.9; 0.01 is one card in a hundred");
  }
  const Truth truth = make_truth(plan, options);
  Simulation out;
  out.cards = plan.cards;
  bound(plan, truth, out);
  if (options.dealing == Dealing::shards) {
    out.makespan_s = run_shards(plan, truth, out);
  } else {
    std::vector<std::size_t> all(plan.batches.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    out.makespan_s = run_queue(plan, truth, std::move(all), plan.cards, truth.failures, out);
  }
  const double card_seconds = out.makespan_s * plan.cards;
  out.ratio = out.lower_bound_s > 0 ? out.makespan_s / out.lower_bound_s : 1;
  out.utilization = card_seconds > 0 ? out.tests_s / card_seconds : 0;
  out.idle_s = std::max(0.0, card_seconds - out.tests_s - out.imports_s - out.lost_s);
  return out;
}

nlohmann::json to_json(const Simulation& simulation) {
  const auto rounded = [](double value) { return std::round(value * 1000) / 1000; };
  return {{"schema", schema_id("simulation")},
          {"cards", simulation.cards},
          {"makespan_s", rounded(simulation.makespan_s)},
          {"lower_bound_s", rounded(simulation.lower_bound_s)},
          {"ratio", rounded(simulation.ratio)},
          {"utilization", rounded(simulation.utilization)},
          {"card_seconds",
           {{"tests", rounded(simulation.tests_s)},
            {"imports", rounded(simulation.imports_s)},
            {"needed_imports", rounded(simulation.needed_imports_s)},
            {"lost", rounded(simulation.lost_s)},
            {"idle", rounded(simulation.idle_s)}}},
          {"imports", simulation.imports},
          {"failed_cards", simulation.failed_cards},
          {"not_run", simulation.not_run}};
}

}  // namespace spyre::plan
