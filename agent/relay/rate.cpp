// SPDX-License-Identifier: Apache-2.0
#include "agent/relay/rate.hpp"

#include <algorithm>
#include <cmath>

namespace spyre::relay {
namespace {

constexpr double minute = 60'000;

// A fifth may come at once: a bucket of `burst` that fills by `calls - burst` a minute allows at most `calls` in any
// minute.
double burst(int calls_a_minute) {
  return std::max(1.0, std::floor(calls_a_minute / 5.0));
}

double filled_a_millisecond(int calls_a_minute) {
  return std::max(1.0, calls_a_minute - burst(calls_a_minute)) / minute;
}

}  // namespace

Bucket full_bucket(int calls_a_minute, Milliseconds now) {
  return {burst(calls_a_minute), now};
}

std::variant<Bucket, Milliseconds> take_call(Bucket bucket, int calls_a_minute, Milliseconds now) {
  if (bucket.at > now + pause_after_too_many) bucket.at = now;
  if (bucket.at > now) return bucket.at - now;
  const double speed = filled_a_millisecond(calls_a_minute);
  const double calls = std::min(burst(calls_a_minute), bucket.calls + static_cast<double>(now - bucket.at) * speed);
  if (calls >= 1) return Bucket{calls - 1, now};
  return static_cast<Milliseconds>(std::ceil((1 - calls) / speed));
}

Bucket paused_bucket(Milliseconds now) {
  return {0, now + pause_after_too_many};
}

}  // namespace spyre::relay
