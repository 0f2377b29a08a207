// SPDX-License-Identifier: Apache-2.0
// A synthetic selection whose files take as long as real ones: for simulations that have durations and no source.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "agent/core/result.hpp"
#include "agent/plan/durations.hpp"
#include "testsel/selection.hpp"

namespace spyre::plan {

struct Workload {
  testsel::Selection selection;
  Durations durations;
  std::unordered_map<std::string, int> gangs;  // for PlanOptions
};

struct WorkloadOptions {
  std::size_t tests = 100'000;  // of all files together, by their share of the time, at least one in each file
  double gang_share = 0;  // share of the time in tests that need 2 to 8 cards: whole files, distributed ones first
  std::uint64_t seed = 1;
};

// Make a workload. Tests and cases of a file differ in length as real ones do (log-normal; the longest take a minute,
// because PyTorch runs longer ones separately). The same options give the same workload. Error: usage if there are no
// durations of files.
Result<Workload> make_workload(const Durations& durations, const WorkloadOptions& options);

}  // namespace spyre::plan
