// SPDX-License-Identifier: Apache-2.0
// The common part of the commands that use the relay: their options and the connection.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "agent/core/config.hpp"
#include "agent/core/result.hpp"
#include "agent/http/message.hpp"
#include "agent/relay/callback.hpp"
#include "agent/relay/flush.hpp"
#include "agent/relay/outbox.hpp"

namespace spyre::job {

struct RelayConnection {
  std::string url;
  std::string token_file, token_command, token_env;
  bool token_oidc = false;
  bool force_http = false;
};
// Return the configured file, or one in the user's state directory.
Result<std::filesystem::path> outbox_file(const Config& config);
// Return the job with missing values taken from the configuration.
relay::Job job_of(relay::Job given, const Config& config);

// Everything required to send: outbox, transport and tokens.
class RelayLine {
 public:
  // Open the line. Error: usage (a missing or invalid URL, two sources of tokens), config, io.
  static Result<RelayLine> open(const RelayConnection& options, const Config& config);
  // Return the URL for new messages. Error: usage (unknown).
  Result<std::string> url() const;
  relay::Outbox& outbox() { return *m_outbox; }
  http::Transport& transport() { return *m_transport; }
  const Result<std::unique_ptr<relay::TokenSource>>& tokens() const { return m_tokens; }
  // Send due messages of one job or of all, and log the results. Error: usage or config (no source of tokens), io.
  Result<relay::FlushReport> flush(const std::string& job, Seconds wait);

 private:
  RelayLine() = default;
  relay::FlushSettings m_settings;
  std::string m_url;
  std::unique_ptr<relay::Outbox> m_outbox;
  std::unique_ptr<http::Transport> m_transport;
  Result<std::unique_ptr<relay::TokenSource>> m_tokens;
};

}  // namespace spyre::job
