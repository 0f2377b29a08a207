// SPDX-License-Identifier: Apache-2.0
// The history with a nightly run's worth of results: 250,000 cases of 12,500 tests in 500 files.
#include <string>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "agent/core/files.hpp"
#include "agent/history/store.hpp"

namespace spyre::history {
namespace {

constexpr int all_cases = 250'000;

results::RunRecord nightly(int day) {
  results::RunRecord record;
  record.run_id = fmt::format("nightly-{}", day);
  record.started = fmt::format("2026-01-{:02}T02:00:00.000Z", day);
  record.cases.reserve(all_cases);
  for (int i = 0; i < all_cases; ++i) {
    results::CaseResult each;
    const int unit = i / 20, file = i / 500;
    each.id = fmt::format("test/test_f{}.py::TestTorchDeviceTypeCPU::test_some_operator_{}_cpu_float{}", file, unit, i);
    each.unit = fmt::format("test/test_f{}.py::TestTorchDeviceType::test_some_operator_{}", file, unit);
    results::Attempt attempt;
    // PyTorch's mix: 45 % skipped, a few failures.
    attempt.outcome = i % 100 < 45 ? results::Outcome::skipped
                                   : (i % 100 == 99 ? results::Outcome::failed : results::Outcome::passed);
    if (attempt.outcome != results::Outcome::passed) attempt.message = fmt::format("reason {}", i % 1000);
    attempt.duration_s = 0.001 * (i % 1000 + day);
    attempt.card = i % 2;
    each.attempts.push_back(std::move(attempt));
    record.cases.push_back(std::move(each));
  }
  return record;
}

// A history that is gone at the end of the benchmark.
struct Home {
  TemporaryDirectory directory = TemporaryDirectory::create().value();
  Store store = Store::open("sqlite://" + (directory.path() / "history.sqlite").string()).value();
};

void import_first_run(benchmark::State& state) {
  const results::RunRecord record = nightly(1);
  for (auto _ : state) {
    state.PauseTiming();
    auto home = std::make_unique<Home>();
    state.ResumeTiming();
    if (!home->store.import(record)) state.SkipWithError("import failed");
    state.PauseTiming();
    home.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * all_cases);
}

void import_next_run(benchmark::State& state) {
  Home home;
  int day = 0;
  if (!home.store.import(nightly(++day))) state.SkipWithError("import failed");
  for (auto _ : state) {
    state.PauseTiming();
    const results::RunRecord record = nightly(++day);
    state.ResumeTiming();
    if (!home.store.import(record)) state.SkipWithError("import failed");
  }
  state.SetItemsProcessed(state.iterations() * all_cases);
}

void read_estimates(benchmark::State& state) {
  Home home;
  for (int day = 1; day <= 3; ++day) {
    if (!home.store.import(nightly(day))) state.SkipWithError("import failed");
  }
  for (auto _ : state) {
    const auto known = home.store.durations();
    if (!known || known->cases.size() != all_cases / 20) state.SkipWithError("estimates are missing");
  }
  state.SetItemsProcessed(state.iterations() * all_cases);
}

BENCHMARK(import_first_run)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(3);
BENCHMARK(import_next_run)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(5);
BENCHMARK(read_estimates)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace spyre::history
