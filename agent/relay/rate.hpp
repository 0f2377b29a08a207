// SPDX-License-Identifier: Apache-2.0
// Rate limit of calls: a bucket that fills evenly; each call takes one. Pure. The outbox stores it, so that all
// processes of a machine share it.
#pragma once

#include <cstdint>
#include <variant>

namespace spyre::relay {

using Milliseconds = std::int64_t;  // since 1970, or a length of time

inline constexpr Milliseconds pause_after_too_many = 60'000;

struct Bucket {
  double calls = 0;     // available now
  Milliseconds at = 0;  // the time at which `calls` is valid; in the future during a pause

  bool operator==(const Bucket&) const = default;
};

// Return a full bucket. In any minute there are at most `calls_a_minute` calls: a full bucket is a part of them, the
// rest is the refill.
Bucket full_bucket(int calls_a_minute, Milliseconds now);
// Return the bucket after one more call, or the time to wait for it. A clock that was set back does not stall calls for
// longer than a pause, and does not fill the bucket.
std::variant<Bucket, Milliseconds> take_call(Bucket bucket, int calls_a_minute, Milliseconds now);
// Return the bucket after the relay reported too many calls: no call for a minute.
Bucket paused_bucket(Milliseconds now);

}  // namespace spyre::relay
