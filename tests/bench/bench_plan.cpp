// SPDX-License-Identifier: Apache-2.0
// How long planning takes: 100,000 tests in 1,000 files, with the times of all of them known.
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include <benchmark/benchmark.h>

#include "agent/core/hash.hpp"
#include "agent/plan/planner.hpp"
#include "agent/plan/simulate.hpp"
#include "agent/plan/workload.hpp"

namespace {

using namespace spyre;

// As PyTorch's: 1,000 files that take 31 hours together, the longest of them two hours, and nearly forty more than ten
// minutes. Tests are in the order of a rank.
plan::Workload workload(std::size_t tests) {
  plan::Durations durations;
  for (int i = 0; i < 1000; ++i) {
    const double share = static_cast<double>(i) / 1000;
    durations.files["test/directory/test_" + std::to_string(i) + ".py"] = 0.1 + 7700 * std::pow(share, 68);
  }
  plan::Workload workload = *plan::make_workload(durations, {.tests = tests});
  std::ranges::sort(workload.selection.tests, {}, [](const auto& test) { return stable_hash(test.id); });
  return workload;
}

void make_plan(benchmark::State& state) {
  const plan::Workload input = workload(static_cast<std::size_t>(state.range(0)));
  const plan::PlanOptions options{.cards = static_cast<int>(state.range(1))};
  std::optional<Result<plan::Plan>> made;
  for (auto _ : state) {
    made.emplace(plan::make_plan(input.selection, input.durations, options));
    state.PauseTiming();
    made.reset();  // no part of planning: it happens at the end of the run
    state.ResumeTiming();
  }
}
BENCHMARK(make_plan)
    ->Args({100'000, 2048})
    ->Args({100'000, 128})
    ->Args({10'000, 2})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

void make_plan_in_budget(benchmark::State& state) {
  const plan::Workload input = workload(10'000);
  const plan::PlanOptions options{.cards = 2, .budget = Seconds{180}};
  for (auto _ : state) benchmark::DoNotOptimize(plan::make_plan(input.selection, input.durations, options));
}
BENCHMARK(make_plan_in_budget)->Unit(benchmark::kMillisecond)->UseRealTime();

void simulate_shared_queue(benchmark::State& state) {
  const plan::Workload input = workload(100'000);
  const auto made = plan::make_plan(input.selection, input.durations, {.cards = static_cast<int>(state.range(0))});
  for (auto _ : state) benchmark::DoNotOptimize(plan::simulate(*made, {.estimate_error = 0.3}));
}
BENCHMARK(simulate_shared_queue)->Arg(512)->Arg(2048)->Unit(benchmark::kMillisecond);

}  // namespace
