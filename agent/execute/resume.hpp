// SPDX-License-Identifier: Apache-2.0
// What a run that was cut off has come to, and what is left of it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "agent/core/result.hpp"
#include "agent/execute/action.hpp"
#include "agent/execute/batch_run.hpp"
#include "agent/plan/plan.hpp"
#include "agent/results/record.hpp"

namespace spyre::execute {

// How often the agent died, rather than was stopped, while a case ran: for each case that ran at such a moment. From
// the lines of a journal. Pure.
std::map<std::string, int> deaths_during(const std::vector<std::string>& journal_lines);

struct Remainder {
  results::RunRecord record;  // as far as the run has come
  // Of the wanted ones, those that are not finished, or ended with cases that never ran: indices into the plan.
  std::vector<std::size_t> batches;
  RunKnowledge knowledge;  // cases that are finished
  // Cases that the agent did not survive three times: they are crashed, or the run would never end.
  std::vector<note::CaseFinished> killers;
};

// `wanted` are the batches that the run was started for. Error: usage (the plan is another one), not_found, io,
// invalid.
Result<Remainder> read_remainder(const std::filesystem::path& run_dir, const plan::Plan& plan,
                                 const std::vector<std::size_t>& wanted);

}  // namespace spyre::execute
