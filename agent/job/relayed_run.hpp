// SPDX-License-Identifier: Apache-2.0
// A run that tells the relay: in_progress when its first tests start, completed at its end. What goes wrong with that
// is logged and stays in the outbox; it never changes the run.
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
  std::string dispatch;  // what was dispatched: the document
  std::string origin;    // where it came from, for messages; empty: nobody has to be told
  std::string build_url, artifact_url;
};

class RelayedRun {
 public:
  // Checks everything that can be checked before the run. Without a dispatch it does nothing, ever.
  // Error: usage, config, invalid (of the dispatch), io.
  static Result<RelayedRun> prepare(const RelayRequest& options, const Config& config);
  RelayedRun(RelayedRun&&) noexcept;
  RelayedRun& operator=(RelayedRun&&) = delete;
  ~RelayedRun();

  // Who is to watch the run; nothing when nobody has to be told. Lives as long as this.
  execute::Observer* observer();
  // The run is over.
  void completed(const results::RunRecord& record);
  // The run came to no record. Does nothing after completed().
  void failed(const Error& error);

 private:
  class Impl;
  explicit RelayedRun(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> m_impl;  // nothing: nobody has to be told
};

}  // namespace spyre::job
