// SPDX-License-Identifier: Apache-2.0
// Prints how close to the bound several ways of dealing tests come, at the sizes of the rollout. Pure computation: the
// same file of durations gives the same table everywhere.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "agent/plan/planner.hpp"
#include "agent/plan/simulate.hpp"
#include "agent/plan/workload.hpp"
#include "tests/bench/baseline_planners.hpp"

namespace {

using namespace spyre;

constexpr double estimate_error = 0.3, gang_share = 0.05, failing_cards = 0.01;
constexpr std::array sizes{24, 128, 512, 1024, 2048};
constexpr std::array<std::uint64_t, 3> seeds{1, 2, 3};

struct Way {
  std::string name;
  Result<plan::Plan> (*deal)(const testsel::Selection&, const plan::Durations&, const plan::PlanOptions&);
  plan::Dealing dealing;
};

const std::array ways{Way{"ours: shared queue", plan::make_plan, plan::Dealing::shared_queue},
                      Way{"static, longest first", plan::make_plan, plan::Dealing::shards},
                      Way{"10-minute pieces", plan::deal_ten_minute_pieces, plan::Dealing::shards},
                      Way{"round-robin", plan::deal_round_robin, plan::Dealing::shards}};

// Means over the seeds.
struct Row {
  double makespan_s = 0, bound_s = 0, ratio = 0, worst = 0, needed_imports_s = 0, imports_s = 0, lost_s = 0, idle_s = 0;
};

Result<Row> measure(const Way& way, const plan::Durations& durations, int cards) {
  Row row;
  for (const std::uint64_t seed : seeds) {
    TRY(const plan::Workload input, plan::make_workload(durations, {.gang_share = gang_share, .seed = seed}));
    TRY(const plan::Plan made, way.deal(input.selection, input.durations, {.cards = cards, .gangs = input.gangs}));
    TRY(const plan::Simulation s, plan::simulate(made, {way.dealing, estimate_error, failing_cards, seed}));
    const double share = 1.0 / static_cast<double>(seeds.size());
    row.makespan_s += s.makespan_s * share;
    row.bound_s += s.lower_bound_s * share;
    row.ratio += s.ratio * share;
    row.worst = std::max(row.worst, s.ratio);
    row.needed_imports_s += s.needed_imports_s / cards * share;
    row.imports_s += s.imports_s / cards * share;
    row.lost_s += s.lost_s / cards * share;
    row.idle_s += s.idle_s / cards * share;
  }
  return row;
}

Result<void> print_table(const std::string& path) {
  TRY(plan::Durations durations, plan::read_durations(path));
  durations.cold.import_s = 3;  // of a heavy file, torch included: the worse case
  fmt::print(
      "100,000 tests; estimates ±{:.0f} %, {:.0f} % of the time in gangs of 2 to 8 cards, {:.0f} % of the cards fail,\n"
      "{:.0f} s for each import; means of {} seeds. Seconds are those of a card.\n\n",
      100 * estimate_error, 100 * gang_share, 100 * failing_cards, durations.cold.import_s, seeds.size());
  fmt::print("{:>5}  {:<22}{:>10}{:>10}{:>8}{:>8} {:>14}{:>8}{:>8}\n", "cards", "dealing", "makespan", "bound", "ratio",
             "worst", "more imports", "lost", "idle");
  for (const int cards : sizes) {
    for (const Way& way : ways) {
      TRY(const Row row, measure(way, durations, cards));
      fmt::print("{:>5}  {:<22}{:>8.1f} s{:>8.1f} s{:>8.3f}{:>8.3f} {:>12.1f} s{:>6.1f} s{:>6.1f} s\n", cards, way.name,
                 row.makespan_s, row.bound_s, row.ratio, row.worst, row.imports_s - row.needed_imports_s, row.lost_s,
                 row.idle_s);
    }
  }
  fmt::print(
      "\nWhat separates a makespan from its bound: imports beyond one a file, cards that went away, and cards that\n"
      "waited: for a gang, or for the last batch to end.\n");
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: simulate_table TEST_TIMES.json\n");
    return 2;
  }
  const auto printed = print_table(argv[1]);
  if (printed) return 0;
  fmt::print(stderr, "error: {}\n", printed.error().message);
  return exit_code(printed.error().kind);
}
