// SPDX-License-Identifier: Apache-2.0
// What the commands that talk to the relay have in common: their options, and the way to it.
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
// The configured file, or one in the user's state directory.
Result<std::filesystem::path> outbox_file(const Config& config);
// The job, with what the configuration says where nothing was given.
relay::Job job_of(relay::Job given, const Config& config);

// Everything that is needed to send: outbox, transport and tokens.
class RelayLine {
 public:
  // Error: usage (no URL where one is needed, a wrong one, two sources of tokens), config, io.
  static Result<RelayLine> open(const RelayConnection& options, const Config& config);
  // The URL that new messages get. Error: usage (none is known).
  Result<std::string> url() const;
  relay::Outbox& outbox() { return *m_outbox; }
  http::Transport& transport() { return *m_transport; }
  const Result<std::unique_ptr<relay::TokenSource>>& tokens() const { return m_tokens; }
  // Sends what is due, of one job or of all, and logs what comes of it. Error: usage or config (no source of tokens),
  // io.
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
