// SPDX-License-Identifier: Apache-2.0
// Sends what is due: takes a message from the outbox, calls the relay, and writes down what came of it.
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
  std::string url;                              // instead of the one that a message was queued with; empty: that one
  std::string job;                              // only this one (job_key); empty: all
  Seconds wait{};                               // so long it waits for what is not due yet
  std::function<void(Seconds)> pause;           // waits; not called when `wait` is 0
  std::function<double()> random;               // from [0, 1)
  std::function<void(const Entry&)> attempted;  // told of each attempt, with its result; may be empty
};

struct FlushReport {
  int attempts = 0;
  int delivered = 0;  // certainly or probably
  int refused = 0;    // dead or lost
  int waiting = 0;    // still, at the end
};

// One message at a time, each job's in order, until nothing is due any more. Error: io, busy, invalid (of the outbox).
// What goes wrong with a message is recorded with it and is no error.
Result<FlushReport> flush(Outbox& outbox, http::Transport& transport, TokenSource& tokens, const Clock& clock,
                          const FlushSettings& settings);

}  // namespace spyre::relay
