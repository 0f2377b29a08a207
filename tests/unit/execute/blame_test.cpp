// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/blame.hpp"

#include <csignal>

#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::execute;
using results::Outcome;

TEST_CASE("a crash contains how the process ended") {
  const auto by_signal = crash({std::nullopt, 11}, Seconds{2}, "");
  CHECK(by_signal.outcome == Outcome::crashed);
  CHECK(reason(by_signal) == "crashed: SIGSEGV");
  CHECK(by_signal.cause.kind == results::Cause::Kind::signal);
  CHECK(by_signal.cause.signal == SIGSEGV);
  CHECK(by_signal.duration_s == 2);
  CHECK(reason(crash({0, std::nullopt}, Seconds{}, "")) == "crashed: the test ended its process with exit code 0");
}

TEST_CASE("evidence is the last fatal error with its stacks") {
  const std::string printed =
      "warning\nFatal Python error: Aborted\n\nCurrent thread 0x1:\n  old\n"
      "Fatal Python error: Segmentation fault\n\nCurrent thread 0x1:\n  File \"a.py\", line 3\n";
  CHECK(evidence(printed) == "Fatal Python error: Segmentation fault\n\nCurrent thread 0x1:\n  File \"a.py\", line 3");
}

TEST_CASE("evidence of a hang is the stacks of all threads") {
  CHECK(evidence("noise\nThread 0x7f:\n  File a\n\nCurrent thread 0x6f:\n  File b\n") ==
        "Thread 0x7f:\n  File a\n\nCurrent thread 0x6f:\n  File b");
}

TEST_CASE("evidence without stacks is the last lines, and always valid text") {
  CHECK(evidence("terminate called\n") == "terminate called");
  std::string much;
  for (int i = 0; i < 1000; ++i) much += "line " + std::to_string(i) + "\n";
  const std::string last = evidence(much);
  CHECK(last.size() <= 2048);
  CHECK(last.starts_with("line "));
  CHECK(last.ends_with("line 999"));
  CHECK(evidence("\xff") == "\xEF\xBF\xBD");
}

TEST_CASE("recent output keeps the newest bytes of a flood") {
  RecentOutput recent;
  for (int i = 0; i < 1000; ++i) recent.add(std::string(1000, 'x'));
  recent.add("the end");
  CHECK(recent.text().size() < 200'000);
  CHECK(recent.text().ends_with("the end"));
}

TEST_CASE("results of a case contain the limits") {
  CHECK(reason(out_of_time(Seconds{600}, Seconds{601}, "")) == "not finished after 10 min 00 s");
  CHECK(reason(stalled(Seconds{300}, Seconds{300}, "")) == "no heartbeat for 5 min 00 s");
  CHECK(out_of_memory(std::uint64_t{3} << 30, std::uint64_t{2} << 30, Seconds{1}).outcome == Outcome::crashed);
}
