// SPDX-License-Identifier: Apache-2.0
// The results of one test, run by run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "agent/core/result.hpp"
#include "agent/results/outcome.hpp"

namespace spyre::database {
class Connection;
}

namespace spyre::history {

// A case in one run.
struct CaseRun {
  std::string run_id, revision, stage;
  std::int64_t started = 0;  // of the run, milliseconds since 1970
  results::Outcome outcome = results::Outcome::not_run;
  std::int64_t attempts = 0;
  double seconds = 0;  // of the last attempt
  std::int64_t card = -1;
  std::string message{};  // the last message of an attempt that is not empty
};

// A case in the runs of one month whose results were deleted.
struct CaseMonth {
  std::int64_t month = 0;  // 202601
  std::int64_t runs = 0, passed = 0, failed = 0, flaky = 0;
  double pass_s = 0;  // mean seconds of the passes
};

struct CaseHistory {
  std::string id, unit;
  bool gone = false;              // the latest complete run of its unit did not have it
  std::vector<std::string> tags;  // of its test, sorted
  double estimate_s = -1;         // seconds; -1: it never ran
  std::vector<CaseRun> runs;      // newest first
  std::vector<CaseMonth> months;  // newest first
};

// Return the case with this id, or all cases of this test (at most `cases`), with at most `runs` runs each. Error:
// not_found (the hint has similar names), io.
Result<std::vector<CaseHistory>> read_case_histories(database::Connection& connection, const std::string& id,
                                                     std::size_t runs, std::size_t cases);

// Return the document "spyre-ci/test-history@1".
nlohmann::json to_json(const std::vector<CaseHistory>& histories);

}  // namespace spyre::history
