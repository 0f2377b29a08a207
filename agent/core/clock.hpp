// SPDX-License-Identifier: Apache-2.0
// Time is an argument: decisions take a Clock, so that tests can set it instead of sleeping.
#pragma once

#include <chrono>

namespace spyre {

using Seconds = std::chrono::duration<double>;
using SteadyTime = std::chrono::steady_clock::time_point;
using SystemTime = std::chrono::system_clock::time_point;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual SteadyTime steady() const = 0;  // for durations and time-outs: never jumps
  virtual SystemTime system() const = 0;  // for what people read: may jump
};

class SystemClock final : public Clock {
 public:
  SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
  SystemTime system() const override { return std::chrono::system_clock::now(); }
};

// A clock that moves only when a test moves it.
class ManualClock final : public Clock {
 public:
  SteadyTime steady() const override { return SteadyTime{} + m_elapsed; }
  SystemTime system() const override { return SystemTime{std::chrono::seconds{1'700'000'000}} + m_elapsed; }
  void advance(Seconds by) { m_elapsed += std::chrono::duration_cast<std::chrono::nanoseconds>(by); }

 private:
  std::chrono::nanoseconds m_elapsed{0};
};

}  // namespace spyre
