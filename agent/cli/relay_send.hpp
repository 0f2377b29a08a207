// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/cli/options.hpp"
#include "agent/job/relaying.hpp"
#include "agent/relay/callback.hpp"

namespace spyre::cli {

struct SendOptions {
  job::RelayConnection connection;
  relay::Job relayed;
  std::string dispatch, status, nightly, periodic;
  std::vector<std::string> from;  // run directories
  std::string conclusion, verdict, build_url, artifact_url;
  std::string wait;
  bool no_wait = false;
};

void add_send_options(Command command, SendOptions& options);
Result<int> relay_send(const SendOptions& options, const Session& session);

}  // namespace spyre::cli
