// SPDX-License-Identifier: Apache-2.0
// The state of an interrupted run, and the rest of its work.
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

// Counts how often the agent died, rather than was stopped, while a case ran; from the events of a journal.
class Deaths {
 public:
  void see(const results::Event& event);
  // Return the count for each case that ran at such a moment.
  std::map<std::string, int> counted() const;

 private:
  std::map<std::string, int> m_deaths;                     // of earlier agents
  std::unordered_map<std::string, std::string> m_running;  // batch → case
};

struct Remainder {
  results::RecordBuilder journal;  // all events so far
  results::RunRecord record;       // the state of the run
  // The requested batches that are not finished, or ended with cases that never ran: indices into the plan.
  std::vector<std::size_t> batches;
  RunKnowledge knowledge;  // about finished cases
  // Cases during which the agent died three times: they count as crashed, or the run would never end.
  std::vector<note::CaseFinished> killers;
};

// Read the rest of a run. `wanted` are the batches that the run was started for. Error: usage (the plan is another
// one), not_found, io, invalid.
Result<Remainder> read_remainder(const std::filesystem::path& run_dir, const plan::Plan& plan,
                                 const std::vector<std::size_t>& wanted);

}  // namespace spyre::execute
