// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/expected.hpp"

#include <fmt/format.h>

namespace spyre::execute {

using results::Outcome;
using testsel::Mode;

namespace {

// Messages of pytest and unittest for a test that had to fail and did not: torch-spyre's plugin, if installed, has
// applied the same mode already.
bool is_strict_pass(const results::Attempt& attempt) {
  return attempt.message.starts_with("[XPASS(strict)]") || attempt.message.starts_with("Unexpected success");
}

}  // namespace

results::Attempt as_expected(results::Attempt attempt, const testsel::Expectation& expectation) {
  const Mode mode = expectation.mode;
  if (mode != Mode::xfail && mode != Mode::xfail_strict) return attempt;
  const bool passed = attempt.outcome == Outcome::passed || attempt.outcome == Outcome::xpassed;
  const bool failed = attempt.outcome == Outcome::failed || attempt.outcome == Outcome::error;
  if (passed && mode == Mode::xfail) attempt.outcome = Outcome::xpassed;
  if (passed && mode == Mode::xfail_strict) {
    attempt.outcome = Outcome::failed;
    attempt.message = fmt::format("[XPASS(strict)] passed, and has to fail ({})", expectation.reason);
  }
  if (failed && !is_strict_pass(attempt)) {
    attempt.outcome = Outcome::xfailed;
    attempt.message = fmt::format("may fail ({}): {}", expectation.reason, attempt.message);
  }
  return attempt;
}

}  // namespace spyre::execute
