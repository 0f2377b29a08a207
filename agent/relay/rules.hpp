// SPDX-License-Identifier: Apache-2.0
// Interprets the relay's responses to a message. All decisions about it are made here. Pure.
//
// The relay commits its state before it forwards to HUD, so a call with an unknown end may have counted. Repeating it
// is safe, because the relay accepts each message once. But the repetition is refused as `invalid state transition`.
// After a call with an unknown end, this means that the first one arrived; otherwise it is an error.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "agent/core/clock.hpp"
#include "agent/http/message.hpp"
#include "agent/relay/callback.hpp"

namespace spyre::relay {

enum class State {
  waiting,             // for its first or another attempt
  delivered,           // the relay confirmed it
  probably_delivered,  // the relay very likely has it
  lost,                // the relay accepted and dropped it: the repository is not at level L2 or above
  dead,                // refused, or given up: needs manual action
};
inline constexpr std::array all_states{State::waiting, State::delivered, State::probably_delivered, State::lost,
                                       State::dead};
std::string_view name(State state);

struct Judgement {
  State state = State::waiting;
  bool may_have_arrived = false;  // this attempt, or an earlier one
  bool too_many = false;          // the relay reports too many calls: no message of the repository is sent for a minute
  std::string reason;             // of a wait or of a bad end; for people
};

// The state of a message before the attempt.
struct Before {
  bool may_have_arrived = false;  // by an earlier attempt
  bool is_begun = true;           // the relay accepted the job's in_progress, or another process reports it
};

// | response                                                 | state                                            |
// |----------------------------------------------------------|--------------------------------------------------|
// | 200, ok, in_progress or completed or duplicate           | delivered                                        |
// | 200, ignored                                             | lost                                             |
// | 200, but not a response of the relay (no JSON, not ok)   | waiting; may have arrived                        |
// | 400 invalid state transition, 409                        | probably delivered if an earlier attempt may have |
// |                                                          | arrived and the job is begun, else dead          |
// | 400 of another kind, 401, 403, 404, any other 4xx, 3xx   | dead                                             |
// | 429                                                      | waiting; too many; did not arrive                |
// | 503, any other 5xx                                       | waiting; may have arrived                        |
// | none: the request was not sent                           | waiting                                          |
// | none: it was sent                                        | waiting; may have arrived                        |
Judgement judge(const Before& before, const http::Reply& reply);

// Return the wait after the `attempts`th attempt: `first`, doubled with each attempt up to twenty times `first`, then a
// random share between half and all of it. `random`: from [0, 1).
Seconds backoff(int attempts, Seconds first, double random);
// Return the longest wait that backoff() returns.
Seconds longest_backoff(Seconds first);

// Return whether it is too late for another attempt. A clock that jumps ahead does not cost a message its first
// attempts.
bool is_hopeless(Seconds age, int attempts, Seconds give_up);

}  // namespace spyre::relay
