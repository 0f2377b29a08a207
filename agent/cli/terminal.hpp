// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "agent/cli/command.hpp"
#include "agent/job/watcher.hpp"

namespace spyre::cli {

// The output of a job on a terminal: the live line on standard error, the summary on standard output.
class Terminal final : public job::Watcher {
 public:
  explicit Terminal(const Session& session) : m_session(session) {}

  std::unique_ptr<execute::Observer> follow(const plan::Plan& plan, const Clock& clock) override;
  void finished(const job::JobResult& result) override;

 private:
  const Session& m_session;
};

}  // namespace spyre::cli
