// SPDX-License-Identifier: Apache-2.0
// The dispatch of the relay, `client_payload = {event_type, delivery_id, payload}`. Every callback echoes it.
#pragma once

#include <string>
#include <string_view>

#include "agent/core/result.hpp"

namespace spyre::relay {

struct ClientPayload {
  std::string text;        // as dispatched, byte for byte
  std::string event_type;  // pull_request, push, nightly or periodic
  std::string delivery_id;
  std::string payload;  // the body of the webhook, byte for byte
};

// Read a dispatch. `text` is the client_payload itself or a GitHub event that contains it ($GITHUB_EVENT_PATH).
// `origin` names it in errors. Error: invalid, with the field that is missing or wrong.
Result<ClientPayload> read_client_payload(std::string_view text, std::string_view origin);

// Return the payload for a job without a dispatch. `event_type`: nightly or periodic; `sha`: the upstream commit, 40
// hex digits. Error: usage.
Result<ClientPayload> undispatched(std::string_view event_type, const std::string& sha);
// Return whether there was no dispatch. Then the relay has no state for the job, and accepts only `completed`.
bool is_undispatched(const ClientPayload& payload);

// Return whether the text is 40 lower-case hex digits.
bool is_sha(std::string_view text);
// Return whether the text is not empty, has at most 255 bytes, and no control characters.
bool is_name(std::string_view text);

}  // namespace spyre::relay
