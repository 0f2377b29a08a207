// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/isolation.hpp"

#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::execute;

namespace {

event::ForkCheck device(event::DeviceState state) {
  return {std::move(state), {}, 0};
}

}  // namespace

TEST_CASE("an ordinary file runs as requested, in slices by default") {
  CHECK(choose_isolation(Isolation::automatic, {}).isolation == Isolation::slice);
  for (const Isolation asked : {Isolation::slice, Isolation::test, Isolation::process}) {
    CHECK(choose_isolation(asked, {}).isolation == asked);
    CHECK(choose_isolation(asked, {}).why.empty());
  }
}

TEST_CASE("a device that is unusable in a child means process, whatever was requested") {
  const std::vector<event::DeviceState> states{{true, false, false, {}},
                                               {false, true, false, {}},
                                               {false, false, true, {}},
                                               {false, false, false, {"/dev/vfio/3"}},
                                               {std::nullopt, std::nullopt, true, {}}};
  for (const event::DeviceState& state : states) {
    for (const Isolation asked : {Isolation::automatic, Isolation::slice, Isolation::test}) {
      const IsolationChoice choice = choose_isolation(asked, device(state));
      CHECK(choice.isolation == Isolation::process);
      CHECK_FALSE(choice.why.empty());
    }
    CHECK(choose_isolation(Isolation::process, device(state)).why.empty());
  }
  CHECK(choose_isolation(Isolation::automatic, device({false, false, false, {"/dev/vfio/3"}})).why ==
        "/dev/vfio/3 is open");
}

TEST_CASE("unknown states of a device do not matter") {
  const event::DeviceState unknown{std::nullopt, std::nullopt, std::nullopt, {}};
  CHECK(choose_isolation(Isolation::automatic, device(unknown)).isolation == Isolation::slice);
}

TEST_CASE("threads mean process unless another isolation was requested, and are reported") {
  const event::ForkCheck threads{{}, {"worker", "loop"}, 0};
  CHECK(choose_isolation(Isolation::automatic, threads).isolation == Isolation::process);
  CHECK(choose_isolation(Isolation::slice, threads).isolation == Isolation::slice);
  CHECK(choose_isolation(Isolation::test, threads).isolation == Isolation::test);
  for (const Isolation asked : {Isolation::automatic, Isolation::slice, Isolation::test}) {
    CHECK(choose_isolation(asked, threads).why == "its import starts threads (worker, loop)");
  }
}

TEST_CASE("processes are reported and change nothing") {
  const event::ForkCheck children{{}, {}, 2};
  CHECK(choose_isolation(Isolation::automatic, children).isolation == Isolation::slice);
  CHECK(choose_isolation(Isolation::test, children).isolation == Isolation::test);
  CHECK_FALSE(choose_isolation(Isolation::automatic, children).why.empty());
}

TEST_CASE("errors of devices in forked children are recognised by their text") {
  CHECK(is_fork_error("RuntimeError: Cannot re-initialize CUDA in forked subprocess. To use CUDA with …"));
  CHECK_FALSE(is_fork_error("AssertionError: 1 != 2"));
}
