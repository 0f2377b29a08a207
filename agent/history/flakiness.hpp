// SPDX-License-Identifier: Apache-2.0
// Which tests are flaky: judged by attempts within one run, or in runs of one revision and one stack key, with a
// confidence bound, so that neither a test that a change of PyTorch or of the stack broke nor a single bad day counts.
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
  RunFilter runs{.latest = 100};   // what is looked at, as far as results are kept
  double flaky_above = 0.01;       // a case is flaky when its rate of failures is above this, with 95 % confidence
  std::int64_t least_flips = 2;    // and when it failed in at least that many runs where it could pass
  double quarantine_above = 0.05;  // the same for the suggestion to take it out
  double release_below = 0.05;     // a quarantined test whose rate is below this, with 95 % confidence, may come back
  double goal = 0.05;              // most tests that may be flaky
};

struct FlakyCase {
  std::string id, unit;
  std::int64_t trials = 0;    // attempts on revisions on which it passed at least once
  std::int64_t failures = 0;  // of these
  std::int64_t flips = 0;     // runs in which it failed there
  Bounds rate;                // of failures a trial
  bool flaky = false;         // else merely suspected: too little evidence
  std::string message;        // of the latest of them
};

struct Flakiness {
  std::vector<FlakyCase> cases;  // flaky ones first, by the lower bound of their rate
  std::size_t runs = 0;          // looked at
  std::size_t tests = 0;         // tests that the history knows and that are not gone
  std::size_t flaky_tests = 0;   // of these, with a flaky case
  double goal = 0.05;
  std::vector<std::string> quarantine;  // tests to take out, not in quarantine yet
  std::vector<std::string> release;     // of the quarantine, to take back

  double share() const { return tests == 0 ? 0 : static_cast<double>(flaky_tests) / static_cast<double>(tests); }
};

// The verdict on one case. Revisions on which it never passed say nothing: it was broken there.
FlakyCase judge(const std::vector<Evidence>& revisions, const FlakyOptions& options);

// Whether a test, by its id, is in quarantine now.
using IsQuarantined = std::function<bool(const std::string& test)>;

// Error: io.
Result<Flakiness> read_flakiness(database::Connection& connection, const FlakyOptions& options,
                                 const IsQuarantined& is_quarantined);

// The document "spyre-ci/flaky@1".
nlohmann::json to_json(const Flakiness& flakiness);

}  // namespace spyre::history
