// SPDX-License-Identifier: Apache-2.0
#include "agent/results/outcome.hpp"

#include <algorithm>

namespace spyre::results {

std::optional<Outcome> parse_outcome(std::string_view name) {
  const auto found = std::find(outcome_names.begin(), outcome_names.end(), name);
  if (found == outcome_names.end()) return std::nullopt;
  return static_cast<Outcome>(found - outcome_names.begin());
}

bool is_failure(Outcome outcome) {
  switch (outcome) {
    case Outcome::failed:
    case Outcome::error:
    case Outcome::crashed:
    case Outcome::timed_out:
      return true;
    case Outcome::passed:
    case Outcome::skipped:
    case Outcome::xfailed:
    case Outcome::xpassed:
    case Outcome::not_run:
      return false;
  }
  return false;
}

std::string reason(const Attempt& attempt) {
  return attempt.message.empty() ? describe(attempt.cause) : attempt.message;
}

bool CaseResult::flaky() const {
  return outcome() == Outcome::passed && std::any_of(attempts.begin(), attempts.end(), [](const Attempt& attempt) {
           return is_failure(attempt.outcome);
         });
}

}  // namespace spyre::results
