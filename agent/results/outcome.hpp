// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/results/cause.hpp"

namespace spyre::results {

// What became of a case in the end.
enum class Outcome { passed, failed, error, skipped, xfailed, xpassed, crashed, timed_out, not_run };
inline constexpr std::size_t outcome_count = 9;
inline constexpr std::array<std::string_view, outcome_count> outcome_names{
    "passed", "failed", "error", "skipped", "xfailed", "xpassed", "crashed", "timed_out", "not_run"};

constexpr std::string_view name(Outcome outcome) {
  return outcome_names[static_cast<std::size_t>(outcome)];
}
std::optional<Outcome> parse_outcome(std::string_view name);
// A failure of the test: failed, error, crashed or timed_out. A strict expected failure that passes is reported as
// failed by the worker, so xpassed is the one that nobody objects to.
bool is_failure(Outcome outcome);

// One execution of a case.
struct Attempt {
  Outcome outcome = Outcome::not_run;
  double duration_s = 0;
  std::string message;  // one line of the test or its runner: why it failed or was skipped; empty where a cause says it
  std::string details;  // traceback, stack at the time of a kill
  std::string output;   // captured, capped
  int card = -1;        // index of the first card of its gang; -1: none
  Cause cause = {};     // why there is no result of the test itself

  // Not run because the budget was over before it began.
  bool over_budget() const { return outcome == Outcome::not_run && cause.kind == Cause::Kind::budget; }
};

// Why an attempt ended as it did, in one line for people: its message, or what its cause says.
std::string reason(const Attempt& attempt);

// One case: what pytest runs after expansion.
struct CaseResult {
  std::string id;    // "test/test_torch.py::TestTorchDeviceTypeCPU::test_sum_cpu_float32"
  std::string unit;  // the test as written that it comes from
  std::string batch;
  std::vector<Attempt> attempts;  // the last one decides; none while the case waits for its first
  bool generated = false;         // no line of source names it

  Outcome outcome() const { return attempts.empty() ? Outcome::not_run : attempts.back().outcome; }
  double duration_s() const { return attempts.empty() ? 0 : attempts.back().duration_s; }
  // Passed in the end, after an attempt that failed.
  bool flaky() const;
  bool over_budget() const { return !attempts.empty() && attempts.back().over_budget(); }
};

}  // namespace spyre::results
