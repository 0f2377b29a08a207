// SPDX-License-Identifier: Apache-2.0
// What the relay dispatched, `client_payload = {event_type, delivery_id, payload}`: every callback echoes it.
#pragma once

#include <string>
#include <string_view>

#include "agent/core/result.hpp"

namespace spyre::relay {

struct ClientPayload {
  std::string text;        // as it was dispatched, byte for byte
  std::string event_type;  // pull_request, push, nightly or periodic
  std::string delivery_id;
  std::string payload;  // the webhook's own body, byte for byte
};

// `text` is the client_payload itself or a GitHub event that holds it ($GITHUB_EVENT_PATH). `origin` names it in
// errors. Error: invalid, with the field that is missing or wrong.
Result<ClientPayload> read_client_payload(std::string_view text, std::string_view origin);

// What a job reports that nobody dispatched. `event_type`: nightly or periodic; `sha`: the upstream commit, 40 hex
// digits. Error: usage.
Result<ClientPayload> undispatched(std::string_view event_type, const std::string& sha);
// Whether there was no dispatch: then there is no state at the relay, and only `completed` is taken.
bool is_undispatched(const ClientPayload& payload);

// 40 hex digits, lower-case.
bool is_sha(std::string_view text);
// Not empty, at most 255 bytes, no control characters.
bool is_name(std::string_view text);

}  // namespace spyre::relay
