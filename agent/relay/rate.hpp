// SPDX-License-Identifier: Apache-2.0
// How many calls a minute: a bucket that fills evenly and is emptied by one with each call. Pure; the outbox keeps it,
// so that all processes of a machine draw from the same.
#pragma once

#include <cstdint>
#include <variant>

namespace spyre::relay {

using Milliseconds = std::int64_t;  // since 1970, or a length of time

inline constexpr Milliseconds pause_after_too_many = 60'000;

struct Bucket {
  double calls = 0;     // that can be made at once
  Milliseconds at = 0;  // the time for which that holds; in the future during a pause

  bool operator==(const Bucket&) const = default;
};

// In any minute at most `calls_a_minute` calls: a full bucket is a part of them, the rest is what fills it.
Bucket full_bucket(int calls_a_minute, Milliseconds now);
// The bucket after one more call, or how long to wait for it. A clock that was set back neither stalls this for longer
// than a pause nor fills the bucket.
std::variant<Bucket, Milliseconds> take_call(Bucket bucket, int calls_a_minute, Milliseconds now);
// After the relay counted too many: nothing for a minute.
Bucket paused_bucket(Milliseconds now);

}  // namespace spyre::relay
