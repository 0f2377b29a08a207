// SPDX-License-Identifier: Apache-2.0
// Notifications about a run, as it happens. Everything here is also in the journal: an observer that misses a call, or
// fails, changes nothing.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include "agent/core/clock.hpp"
#include "agent/results/outcome.hpp"

namespace spyre::execute {

// Where a run stands.
struct Progress {
  std::size_t batches = 0;
  std::size_t batches_finished = 0;
  std::size_t cases = 0;                                       // known so far: grows with every collected batch
  std::size_t cases_finished = 0;                              // each once, whatever the number of attempts
  std::array<std::size_t, results::outcome_count> outcomes{};  // of the finished cases, by their last attempt
  Seconds elapsed{};
  std::optional<Seconds> left;  // an estimate; nothing while there is too little data

  std::size_t count(results::Outcome outcome) const { return outcomes[static_cast<std::size_t>(outcome)]; }
  std::size_t failures() const;  // as counted by results::is_failure
};

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void run_started(const Progress&) {}
  virtual void batch_started(const std::string& /*batch*/, const std::string& /*file*/, int /*card*/, const Progress&) {
  }
  // Called once for each attempt; `attempt.details` and `attempt.output` may be long.
  virtual void case_finished(const std::string& /*id*/, const results::Attempt& /*attempt*/, const Progress&) {}
  virtual void batch_finished(const std::string& /*batch*/, const Progress&) {}
  virtual void warning(const std::string& /*message*/) {}
  virtual void infra(const std::string& /*message*/) {}
  // Called about once a second, also if nothing happens.
  virtual void tick(const Progress&) {}
  virtual void run_finished(const Progress&) {}
};

}  // namespace spyre::execute
