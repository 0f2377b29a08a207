// SPDX-License-Identifier: Apache-2.0
// Decides which tests are flaky, from attempts within one run, or from runs of one revision and one stack key. It uses
// a confidence bound, so that a test broken by a change of PyTorch or of the stack does not count, and a single bad day
// does not either.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"
#include "agent/history/confidence.hpp"
#include "agent/history/runs.hpp"

namespace spyre::history {

// Attempts of one case on one revision and stack.
struct Evidence {
  std::int64_t passed = 0;
  std::int64_t failed = 0;
  std::int64_t runs_failed = 0;  // runs with a failed attempt
};

struct FlakyOptions {
  RunFilter runs{.latest = 100};   // the runs to examine, as far as their results are kept
  double flaky_above = 0.01;       // a case is flaky when its failure rate is above this, with 95 % confidence,
  std::int64_t least_flips = 2;    // and it failed in at least this many runs in which it could pass
  double quarantine_above = 0.05;  // the same threshold for suggesting quarantine
  double release_below =
      0.05;            // a quarantined test with a failure rate below this, with 95 % confidence, may be released
  double goal = 0.05;  // maximum share of flaky tests
};

struct FlakyCase {
  std::string id, unit;
  std::int64_t trials = 0;    // attempts on revisions on which it passed at least once
  std::int64_t failures = 0;  // failed trials
  std::int64_t flips = 0;     // runs with failed trials
  Bounds rate;                // of failures per trial
  bool flaky = false;         // false: only suspected, too little evidence
  std::string message;        // of the latest failure
};

struct Flakiness {
  std::vector<FlakyCase> cases;  // flaky ones first, by the lower bound of their rate
  std::size_t runs = 0;          // examined
  std::size_t tests = 0;         // tests in the history that are not gone
  std::size_t flaky_tests = 0;   // tests with a flaky case
  double goal = 0.05;
  std::vector<std::string> quarantine;  // tests to quarantine that are not quarantined yet
  std::vector<std::string> release;     // quarantined tests to release

  double share() const { return tests == 0 ? 0 : static_cast<double>(flaky_tests) / static_cast<double>(tests); }
};

// Judge one case. Revisions on which it never passed are ignored: it was broken there.
FlakyCase judge(const std::vector<Evidence>& revisions, const FlakyOptions& options);

// Return whether a test, by its id, is quarantined now.
using IsQuarantined = std::function<bool(const std::string& test)>;

// Error: io.
Result<Flakiness> read_flakiness(database::Connection& connection, const FlakyOptions& options,
                                 const IsQuarantined& is_quarantined);

// Return the document "spyre-ci/flaky@1".
nlohmann::json to_json(const Flakiness& flakiness);

}  // namespace spyre::history
