// SPDX-License-Identifier: Apache-2.0
#include "testsel/named_cases.hpp"

#include "tests/unit/testsel/made_up.hpp"

using namespace spyre;
using namespace spyre::testsel;

TEST_CASE("cases that are named as in pytest resolve to their tests") {
  const std::string source =
      "class Base:\n  def test_a(self): pass\n  def test_b(self): pass\n"
      "class TestEager(Base, TestCase):\n  def test_a(self): pass\n"
      "class TestGraph(Base, TestCase): pass\n";
  const std::vector<MemoryTree::File> files{{"test/test_x.py", source}};
  const Inventory inventory = inventory_of(files);
  const MemoryTree tree(files);
  const auto tests = [&](const std::string& name) { return tests_of_cases(name, inventory, tree); };
  const std::string base = "test/test_x.py::Base::test_", eager = "test/test_x.py::TestEager::test_";
  CHECK(tests("test/test_x.py::TestGraph::test_a") == std::vector<std::string>{base + "a"});
  CHECK(tests("test_x.py::TestGraph::test_b") == std::vector<std::string>{base + "b"});
  CHECK(tests("test/test_x.py::TestGraph") == std::vector<std::string>{base + "a", base + "b"});
  CHECK(tests("test/test_x.py::TestEagerCPU::test_a_cpu") == std::vector<std::string>{eager + "a"});
  // A test as written: --only takes it unchanged.
  CHECK(tests("test/test_x.py::TestEager::test_a").empty());
  CHECK(tests("test/test_x.py::TestEager").empty());
  for (const char* name : {"test/test_x.py", "test/test_x.py::TestGr*", "test/test_y.py::TestGraph::test_a",
                           "test/test_x.py::TestGraph::test_c", "test/test_x.py::TestNone", ""}) {
    INFO(name);
    CHECK(tests(name).empty());
  }
}
