// SPDX-License-Identifier: Apache-2.0
// What a run that was cut off has come to, and what is left of it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/core/result.hpp"
#include "agent/execute/action.hpp"
#include "agent/execute/batch_run.hpp"
#include "agent/plan/plan.hpp"
#include "agent/results/record.hpp"

namespace spyre::execute {

// How often the agent died, rather than was stopped, while a case ran. Told by the events of a journal.
class Deaths {
 public:
  void see(const results::Event& event);
  // For each case that ran at such a moment.
  std::map<std::string, int> counted() const;

 private:
  std::map<std::string, int> m_deaths;                     // of earlier agents
  std::unordered_map<std::string, std::string> m_running;  // batch → case
};

struct Remainder {
  results::RecordBuilder journal;  // all that was seen
  results::RunRecord record;       // as far as the run has come
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
