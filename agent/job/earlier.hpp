// SPDX-License-Identifier: Apache-2.0
// What the history has to say beside a run's result.
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
  std::optional<report::Comparison> comparison;                     // with the run of the same stage before
  std::unordered_map<std::string, history::CaseHistory> histories;  // of cases that failed now, by id
};

// A history that cannot be read costs a warning: the run has its result all the same.
Earlier look_back(const results::RunRecord& record, RunHistory& runs);

}  // namespace spyre::job
