// SPDX-License-Identifier: Apache-2.0
#include "agent/results/failure_groups.hpp"

#include <fmt/format.h>

#include "tests/support/catch.hpp"

using namespace spyre::results;

TEST_CASE("parts that differ from case to case are removed from messages") {
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

TEST_CASE("equal messages from two places of the backend are two groups") {
  FailureGrouper grouper;
  grouper.add("a", Outcome::failed, "RuntimeError: not supported", "torch_spyre/a.py:1: in f");
  grouper.add("b", Outcome::failed, "RuntimeError: not supported", "torch_spyre/b.py:2: in g");
  CHECK(grouper.groups().size() == 2);
}

TEST_CASE("a bare exception name is not enough to group failures") {
  FailureGrouper grouper;
  grouper.add("a", Outcome::failed, "AssertionError", "test/test_a.py:1: E");
  grouper.add("b", Outcome::failed, "AssertionError", "test/test_a.py:2: E");
  CHECK(grouper.groups().size() == 2);
}

TEST_CASE("the innermost frame of own code") {
  CHECK(innermost_frame("  File \"/w/test/test_a.py\", line 3, in f\n"
                        "  File \"/w/torch_spyre/ops.py\", line 7, in g\n"
                        "  File \"/usr/lib/python3/dist-packages/torch/_ops.py\", line 9, in h\n") ==
        "/w/torch_spyre/ops.py:7");
  CHECK(innermost_frame("Current thread 0x1 (most recent call first):\n"
                        "  File \"/w/torch_spyre/ops.py\", line 7 in g\n"
                        "  File \"/w/test/test_a.py\", line 3 in f\n") == "/w/torch_spyre/ops.py:7");
  CHECK(innermost_frame("no frames").empty());
}

TEST_CASE("failures of the machine are distinguished from those of tests") {
  CHECK(failure_kind("RuntimeError: RAS::CBRB::ResponseTimeout on card 0", "") == FailureKind::card);
  CHECK(failure_kind("torch.cuda.OutOfMemoryError: x", "") == FailureKind::memory);
  CHECK(failure_kind("ModuleNotFoundError: No module named 'torch'", "") == FailureKind::import);
  CHECK(failure_kind("URLError", "E   ConnectionError: Connection refused") == FailureKind::network);
  CHECK(failure_kind("OSError: [Errno 28] No space left on device", "") == FailureKind::disk);
  CHECK(failure_kind("AssertionError: 1 != 2", "") == FailureKind::test);
  // Source lines around the failure may contain any text.
  CHECK(failure_kind("AssertionError", "    with self.assertRaisesRegex(RuntimeError, 'out of memory'):\nE   x") ==
        FailureKind::test);
  CHECK_FALSE(is_infrastructure(FailureKind::test));
  CHECK(is_infrastructure(FailureKind::card));
}

TEST_CASE("numbers, addresses and temporary paths are ignored") {
  CHECK(normalised_message("3 of 100 elements, 0.5 > 1e-05 at 0x7fff12ab") == "N of N elements, N > N at N");
  CHECK(normalised_message("no such file: '/tmp/tmpa3x9/model.pt'") == "no such file: '<path>'");
  CHECK(normalised_message("device spyre:0, shape (2, 3)") == "device spyre:N, shape (N, N)");
  CHECK(normalised_message("float32 is not float16") == "float32 is not float16");
  CHECK(normalised_message("1.") == "N.");
  CHECK(normalised_message("2e") == "Ne");
  CHECK(normalised_message("").empty());
}

TEST_CASE("the innermost frame of tracebacks of every kind") {
  CHECK(innermost_frame("Traceback (most recent call last):\n"
                        "  File \"/src/test/test_a.py\", line 12, in test_b\n"
                        "    f()\n"
                        "  File \"/src/torch_spyre/ops.py\", line 7, in add\n"
                        "    g()\n"
                        "  File \"/usr/lib/python3/dist-packages/torch/_tensor.py\", line 99, in h\n"
                        "ValueError") == "/src/torch_spyre/ops.py:7");
  CHECK(innermost_frame("    def test_b(self):\n>       f()\n\ntest/test_a.py:12: \n_ _ _\n\n"
                        "torch_spyre/ops.py:7: in add\n    g()\nE   ValueError\n"
                        "/x/site-packages/torch/t.py:5: ValueError") == "torch_spyre/ops.py:7");
  CHECK(innermost_frame("Fatal Python error: Segmentation fault\n\n"
                        "Current thread 0x00007f (most recent call first):\n"
                        "  File \"/usr/lib/python3/dist-packages/torch/x.py\", line 1 in z\n"
                        "  File \"/src/torch_spyre/ops.py\", line 7 in add\n"
                        "  File \"/src/test/test_a.py\", line 12 in test_b\n") == "/src/torch_spyre/ops.py:7");
  CHECK(innermost_frame("nothing of the kind").empty());
  CHECK(innermost_frame("").empty());
}

TEST_CASE("failures of the machine are distinguished from similar texts") {
  const auto kind = [](std::string_view message) { return name(failure_kind(message, {})); };
  CHECK(kind("RuntimeError: [enforce fail] DefaultCPUAllocator: can't allocate memory: 9 bytes") == "memory");
  CHECK(kind("OSError: [Errno 28] No space left on device") == "disk");
  CHECK(kind("urllib.error.URLError: <urlopen error [Errno -3]>") == "network");
  CHECK(kind("ModuleNotFoundError: No module named 'torch'") == "import");
  CHECK(kind("ModuleNotFoundError: No module named 'torchvision'") == "test");
  CHECK(kind("OSError: /x/lib/libtorchbind_test.so: cannot open shared object file") == "test");
  CHECK(kind("ImportError: libtorch_cpu.so: cannot open shared object file") == "import");
  CHECK(kind("RuntimeError: card is lost") == "card");
  CHECK(kind("AssertionError: memory format differs") == "test");
  CHECK(kind("") == "test");
}
