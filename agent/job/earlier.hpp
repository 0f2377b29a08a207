// SPDX-License-Identifier: Apache-2.0
// Data from the history for the report of a run.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "agent/history/case_history.hpp"
#include "agent/job/run_history.hpp"
#include "agent/report/comparison.hpp"
#include "agent/results/record.hpp"

namespace spyre::job {

struct Earlier {
  std::optional<report::Comparison> comparison;                     // with the previous run of the same stage
  std::unordered_map<std::string, history::CaseHistory> histories;  // of the failed cases, by id
};

// Read the data. An unreadable history costs a warning, because the run itself has a result.
Earlier look_back(const results::RunRecord& record, RunHistory& runs);

}  // namespace spyre::job
