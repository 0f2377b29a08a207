// SPDX-License-Identifier: Apache-2.0
// A run that reports to the relay: in_progress when its first tests start, completed at its end. Failures of the relay
// are logged, and the message stays in the outbox; they never change the run.
#pragma once

#include <memory>
#include <string>

#include "agent/core/result.hpp"
#include "agent/execute/observer.hpp"
#include "agent/job/relaying.hpp"
#include "agent/results/record.hpp"

namespace spyre::job {

struct RelayRequest {
  RelayConnection connection;
  relay::Job job;
  std::string dispatch;  // the dispatch document
  std::string origin;    // its source, for messages; empty: nothing is reported
  std::string build_url, artifact_url;
};

class RelayedRun {
 public:
  // Check everything that can be checked before the run. Without a dispatch, the object never does anything. Error:
  // usage, config, invalid (of the dispatch), io.
  static Result<RelayedRun> prepare(const RelayRequest& options, const Config& config);
  RelayedRun(RelayedRun&&) noexcept;
  RelayedRun& operator=(RelayedRun&&) = delete;
  ~RelayedRun();

  // Return the observer of the run; nullptr when nothing is reported. It is valid as long as this object.
  execute::Observer* observer();
  // Report the end of the run.
  void completed(const results::RunRecord& record);
  // Report that the run has no record. Does nothing after completed().
  void failed(const Error& error);

 private:
  class Impl;
  explicit RelayedRun(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> m_impl;  // null: nothing is reported
};

}  // namespace spyre::job
