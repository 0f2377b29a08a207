// SPDX-License-Identifier: Apache-2.0
// Sends due messages: takes a message from the outbox, calls the relay, and records the result.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"
#include "agent/http/message.hpp"
#include "agent/relay/outbox.hpp"
#include "agent/relay/token.hpp"

namespace spyre::relay {

struct FlushSettings {
  Seconds response_timeout{90};
  Seconds give_up{5 * 3600};
  Seconds backoff{15};
  int calls_a_minute = 90;
  bool force_http = false;
  std::string url;                              // replaces the URL that a message was queued with; empty: keep that URL
  std::string job;                              // only this job (job_key); empty: all
  Seconds wait{};                               // maximum time to wait for messages that are not due yet
  std::function<void(Seconds)> pause;           // waits; not called when `wait` is 0
  std::function<double()> random;               // from [0, 1)
  std::function<void(const Entry&)> attempted;  // called after each attempt, with its result; may be empty
};

struct FlushReport {
  int attempts = 0;
  int delivered = 0;  // certainly or probably
  int refused = 0;    // dead or lost
  int waiting = 0;    // at the end
};

// Send messages one at a time, those of a job in order, until no message is due. Error: io, busy, invalid (of the
// outbox). A failure to send a message is recorded with it and is not an error.
Result<FlushReport> flush(Outbox& outbox, http::Transport& transport, TokenSource& tokens, const Clock& clock,
                          const FlushSettings& settings);

}  // namespace spyre::relay
