// SPDX-License-Identifier: Apache-2.0
// What an answer of the relay means for a message: the one place where that is decided. Pure.
//
// The relay commits its state before it forwards to HUD, so that a call whose end nobody saw may have counted.
// Repeating it is safe, for the relay takes nothing twice, but the repetition is then refused as `invalid state
// transition`: which after a call of unknown end means that the first one arrived, and else that somebody is wrong.
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
  delivered,           // the relay said so
  probably_delivered,  // the relay has it, as far as can be told
  lost,                // the relay took and dropped it: the repository is not at level L2 or above
  dead,                // refused, or given up: only people can help
};
inline constexpr std::array all_states{State::waiting, State::delivered, State::probably_delivered, State::lost,
                                       State::dead};
std::string_view name(State state);

struct Judgement {
  State state = State::waiting;
  bool may_have_arrived = false;  // this attempt, or one before
  bool too_many = false;          // the relay counts too many calls: no message of the repository is sent for a minute
  std::string reason;             // of a wait or of an end that is not good; for people
};

// What was known of a message before the attempt.
struct Before {
  bool may_have_arrived = false;  // by an earlier attempt
  bool is_begun = true;           // the relay took the job's in_progress, or it is not ours to know
};

// | answer                                                   | state                                            |
// |----------------------------------------------------------|--------------------------------------------------|
// | 200, ok, in_progress or completed or duplicate           | delivered                                        |
// | 200, ignored                                             | lost                                             |
// | 200 of somebody else (no JSON, not ok)                   | waiting; may have arrived                        |
// | 400 invalid state transition, 409                        | probably delivered if an earlier attempt may have |
// |                                                          | arrived and the job is begun, else dead          |
// | 400 of another kind, 401, 403, 404, any other 4xx, 3xx   | dead                                             |
// | 429                                                      | waiting; too many; did not arrive                |
// | 503, any other 5xx                                       | waiting; may have arrived                        |
// | none: the request was not sent                           | waiting                                          |
// | none: it was sent                                        | waiting; may have arrived                        |
Judgement judge(const Before& before, const http::Reply& reply);

// The wait after the `attempts`th attempt: `first`, doubled with each attempt up to twenty times that, then something
// between half and all of it. `random`: from [0, 1).
Seconds backoff(int attempts, Seconds first, double random);
// The longest wait that backoff() gives.
Seconds longest_backoff(Seconds first);

// Whether it is too late for another attempt. A clock that jumps ahead does not cost a message its first attempts.
bool is_hopeless(Seconds age, int attempts, Seconds give_up);

}  // namespace spyre::relay
