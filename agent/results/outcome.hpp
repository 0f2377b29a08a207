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

// The final outcome of a case.
enum class Outcome { passed, failed, error, skipped, xfailed, xpassed, crashed, timed_out, not_run };
inline constexpr std::size_t outcome_count = 9;
inline constexpr std::array<std::string_view, outcome_count> outcome_names{
    "passed", "failed", "error", "skipped", "xfailed", "xpassed", "crashed", "timed_out", "not_run"};

constexpr std::string_view name(Outcome outcome) {
  return outcome_names[static_cast<std::size_t>(outcome)];
}
std::optional<Outcome> parse_outcome(std::string_view name);
// Return whether the outcome is a failure of the test: failed, error, crashed or timed_out. The worker reports a strict
// expected failure that passes as failed, so xpassed is always acceptable.
bool is_failure(Outcome outcome);

// One execution of a case.
struct Attempt {
  Outcome outcome = Outcome::not_run;
  double duration_s = 0;
  std::string message;  // one line from the test or its runner: why it failed or was skipped; empty where a cause gives
                        // the reason
  std::string details;  // traceback, or the stack at the time of a kill
  std::string output;   // captured, capped
  int card = -1;        // index of the first card of its gang; -1: none
  Cause cause = {};     // why the test itself has no result

  // Whether it was not run because the budget expired before it began.
  bool over_budget() const { return outcome == Outcome::not_run && cause.kind == Cause::Kind::budget; }
};

// Return why an attempt ended as it did, in one line for people: its message, or its cause in words.
std::string reason(const Attempt& attempt);

// One case: what pytest runs after expansion.
struct CaseResult {
  std::string id;    // "test/test_torch.py::TestTorchDeviceTypeCPU::test_sum_cpu_float32"
  std::string unit;  // the test as written
  std::string batch;
  std::vector<Attempt> attempts;  // the last one decides; empty while the case waits for its first attempt
  bool generated = false;         // not written in any line of the source

  Outcome outcome() const { return attempts.empty() ? Outcome::not_run : attempts.back().outcome; }
  double duration_s() const { return attempts.empty() ? 0 : attempts.back().duration_s; }
  // Whether it passed after an attempt that failed.
  bool flaky() const;
  bool over_budget() const { return !attempts.empty() && attempts.back().over_budget(); }
};

}  // namespace spyre::results
