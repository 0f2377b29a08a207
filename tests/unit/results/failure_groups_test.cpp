// SPDX-License-Identifier: Apache-2.0
#include "agent/results/failure_groups.hpp"

#include <fmt/format.h>

#include "tests/support/catch.hpp"

using namespace spyre::results;

TEST_CASE("what differs from case to case is no part of a message") {
  CHECK(normalised_message("Mismatched elements: 3 / 100 (3.0%) at 0x7f3a12") ==
        "Mismatched elements: N / N (N%) at N");
  CHECK(normalised_message("cannot open /tmp/tmpabc123/x.bin: no") == "cannot open <path>: no");
  CHECK(normalised_message("float32 is not float16") == "float32 is not float16");
}

TEST_CASE("one cause is one group") {
  FailureGrouper grouper;
  for (int i = 0; i < 3; ++i) {
    grouper.add(fmt::format("b{}", 2 - i), Outcome::failed, fmt::format("AssertionError: {} != {}", i, i + 1),
                fmt::format("test/test_a.py:{}: AssertionError", 10 + i));
  }
  grouper.add("c", Outcome::crashed, "", "");
  const auto groups = grouper.groups();
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].message == "AssertionError: 0 != 1");
  CHECK(groups[0].where == "test/test_a.py:10");
  CHECK(groups[0].cases == std::vector<std::string>{"b0", "b1", "b2"});
  CHECK(groups[1].message == "crashed");
  CHECK(groups[1].outcome == Outcome::crashed);
}

TEST_CASE("the same words from two places of the backend are two causes") {
  FailureGrouper grouper;
  grouper.add("a", Outcome::failed, "RuntimeError: not supported", "torch_spyre/a.py:1: in f");
  grouper.add("b", Outcome::failed, "RuntimeError: not supported", "torch_spyre/b.py:2: in g");
  CHECK(grouper.groups().size() == 2);
}

TEST_CASE("the name of an exception alone tells no causes together") {
  FailureGrouper grouper;
  grouper.add("a", Outcome::failed, "AssertionError", "test/test_a.py:1: E");
  grouper.add("b", Outcome::failed, "AssertionError", "test/test_a.py:2: E");
  CHECK(grouper.groups().size() == 2);
}

TEST_CASE("the innermost frame of one's own code") {
  CHECK(innermost_frame("  File \"/w/test/test_a.py\", line 3, in f\n"
                        "  File \"/w/torch_spyre/ops.py\", line 7, in g\n"
                        "  File \"/usr/lib/python3/dist-packages/torch/_ops.py\", line 9, in h\n") ==
        "/w/torch_spyre/ops.py:7");
  CHECK(innermost_frame("Current thread 0x1 (most recent call first):\n"
                        "  File \"/w/torch_spyre/ops.py\", line 7 in g\n"
                        "  File \"/w/test/test_a.py\", line 3 in f\n") == "/w/torch_spyre/ops.py:7");
  CHECK(innermost_frame("no frames").empty());
}

TEST_CASE("the machine's failures are told from the tests'") {
  CHECK(failure_kind("RuntimeError: RAS::CBRB::ResponseTimeout on card 0", "") == FailureKind::card);
  CHECK(failure_kind("torch.cuda.OutOfMemoryError: x", "") == FailureKind::memory);
  CHECK(failure_kind("ModuleNotFoundError: No module named 'torch'", "") == FailureKind::import);
  CHECK(failure_kind("URLError", "E   ConnectionError: Connection refused") == FailureKind::network);
  CHECK(failure_kind("OSError: [Errno 28] No space left on device", "") == FailureKind::disk);
  CHECK(failure_kind("AssertionError: 1 != 2", "") == FailureKind::test);
  // Source lines around the failure may speak of anything.
  CHECK(failure_kind("AssertionError", "    with self.assertRaisesRegex(RuntimeError, 'out of memory'):\nE   x") ==
        FailureKind::test);
  CHECK_FALSE(is_infrastructure(FailureKind::test));
  CHECK(is_infrastructure(FailureKind::card));
}
