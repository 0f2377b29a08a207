// SPDX-License-Identifier: Apache-2.0
#include "testsel/inventory.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"

namespace spyre::testsel {
namespace {

using Files = std::vector<MemoryTree::File>;
using Ids = std::vector<std::string>;

Inventory inventory_with_torch(Files files) {
  files.push_back({"torch/__init__.py", ""});
  auto inventory = read_inventory(MemoryTree(std::move(files), "abc"));
  if (!inventory) FAIL(inventory.error().message);
  return std::move(*inventory);
}

// Of test/test_x.py, without the path.
Ids tests_of(std::string source, Files others = {}) {
  others.push_back({"test/test_x.py", std::move(source)});
  const Inventory inventory = inventory_with_torch(std::move(others));
  const auto file = std::find_if(inventory.files.begin(), inventory.files.end(),
                                 [](const TestFile& one) { return one.path == "test/test_x.py"; });
  Ids ids;
  for (const Test& test : file->tests) ids.push_back(test.id.substr(std::string_view("test/test_x.py::").size()));
  return ids;
}

Ids generators_of(std::string source, Files others = {}) {
  others.push_back({"test/test_x.py", std::move(source)});
  const Inventory inventory = inventory_with_torch(std::move(others));
  const auto file = std::find_if(inventory.files.begin(), inventory.files.end(),
                                 [](const TestFile& one) { return one.path == "test/test_x.py"; });
  return file->generators;
}

}  // namespace

TEST_CASE("test files are test_*.py at any depth beneath test/") {
  const Inventory inventory = inventory_with_torch({{"test/test_b.py", "def test_1(): pass\n"},
                                                    {"test/nn/test_a.py", "def test_2(): pass\n"},
                                                    {"test/helper.py", "def test_3(): pass\n"},
                                                    {"test/a_test.py", "def test_4(): pass\n"},
                                                    {"test/test_data.txt", ""},
                                                    {"other/test_c.py", "def test_5(): pass\n"}});
  REQUIRE(inventory.files.size() == 2);
  CHECK(inventory.files[0].path == "test/nn/test_a.py");
  CHECK(inventory.files[1].tests.at(0).id == "test/test_b.py::test_1");
  CHECK(inventory.test_count() == 2);
  CHECK(inventory.revision == "abc");
}

TEST_CASE("classes contain tests if pytest collects them or a collected class needs them") {
  CHECK(tests_of(R"(
class AnyName(unittest.TestCase):
    def test_a(self): pass
    def helper(self): pass
class TestPlain:
    def test_b(self): pass
class TestWithInit:
    def __init__(self): pass
    def test_c(self): pass
class Model(nn.Module):
    def test_d(self): pass
class Helper:
    def test_e(self): pass
class _Mixin(object):
    def test_f(self): pass
class Derived(_Mixin, common.JitTestCase):
    def test_g(self): pass
class _AbstractTest:
    def test_h(self): pass
class Template:
    def test_i(self, device): pass
instantiate_device_type_tests(Template, globals())
@instantiate_parametrized_tests
class Decorated:
    def test_j(self): pass
class TestOff:
    __test__ = False
    def test_k(self): pass
)") == Ids{"AnyName::test_a", "TestPlain::test_b", "_Mixin::test_f", "Derived::test_g", "Template::test_i"});
}

TEST_CASE("nested classes contain tests where pytest collects them, or as a base") {
  CHECK(tests_of(R"(
class TestOuter:
    class TestInner:
        def test_a(self): pass
    class Data:
        def test_b(self): pass
class TestSuite(TestCase):
    class TestModule:
        def test_c(self): pass
class Namespace:
    class Base(TestCase):
        def test_d(self): pass
class TestDerived(Namespace.Base): pass
)") == Ids{"TestOuter::TestInner::test_a", "Namespace::Base::test_d"});
}

TEST_CASE("functions in functions are not tests") {
  CHECK(tests_of("def test_a():\n  def test_b(): pass\ndef make():\n  class TestC:\n    def test_d(self): pass\n") ==
        Ids{"test_a"});
}

TEST_CASE("an id is listed once, and the last definition counts") {
  const Inventory inventory = inventory_with_torch({{"test/test_x.py", R"(class TestA(TestCase):
    def test_a(self): first()
    def test_b(self): pass
    def test_a(self): second()
if X:
    class TestB(TestCase):
        def test_c(self): pass
else:
    class TestB(TestCase):
        def test_c(self): third()
)"}});
  const auto& tests = inventory.files.at(0).tests;
  REQUIRE(tests.size() == 3);
  CHECK(tests[0].id == "test/test_x.py::TestA::test_b");
  CHECK(tests[1].id == "test/test_x.py::TestA::test_a");
  CHECK(tests[1].function->calls.at(0) == "second");
  CHECK(tests[1].owner->name == "TestA");
  CHECK(tests[2].function->calls.at(0) == "third");
}

TEST_CASE("a base class of another file makes its subclass a test class") {
  const Files others{{"test/common.py", "from torch.testing._internal import utils\nclass Base(utils.Case): pass\n"},
                     {"torch/testing/_internal/utils.py", "import unittest\nclass Case(unittest.TestCase): pass\n"}};
  CHECK(tests_of("from common import Base\nclass A(Base):\n  def test_a(self): pass\n", others) == Ids{"A::test_a"});
  CHECK(tests_of("import common as c\nclass A(c.Base):\n  def test_a(self): pass\n", others) == Ids{"A::test_a"});
  CHECK(tests_of("from common import *\nclass A(Base):\n  def test_a(self): pass\n", others) == Ids{"A::test_a"});
  CHECK(tests_of("from nowhere import Base\nclass A(Base):\n  def test_a(self): pass\n", others).empty());
}

TEST_CASE("circular imports end") {
  CHECK(tests_of("from a import *\nclass A(Base):\n  def test_a(self): pass\n",
                 {{"test/a.py", "from b import *\nBase = Other\nOther = Base\n"},
                  {"test/b.py", "from a import *\nfrom b import *\n"}})
            .empty());
}

TEST_CASE("a source of tests that no line names is a unit of its own") {
  CHECK(generators_of("class TestA(TestCase): pass\nsetattr(TestA, name, f)\n") == Ids{"test/test_x.py::TestA"});
  CHECK(generators_of("class Model(nn.Module): pass\nsetattr(Model, name, f)\n").empty());
  CHECK(generators_of("TestA = type('TestA', (TestCase,), {})\n") == Ids{"test/test_x.py"});
  CHECK(generators_of("TestKind = enum.Enum('TestKind', 'A B')\nTEST_CUDA = available()\n").empty());
  CHECK(generators_of("globals()['TestA'] = make()\n") == Ids{"test/test_x.py"});
}

TEST_CASE("a value assigned in a class may be a test") {
  CHECK(tests_of("class TestA(TestCase):\n  test_x = make(1)\n  test_y = partial(f)\n") ==
        Ids{"TestA::test_x", "TestA::test_y"});
  CHECK(tests_of("class TestA(TestCase):\n  test_size = 4\n  test_names = ['a']\n  test_off = None\n").empty());
  CHECK(tests_of("class B(TestCase):\n  def test_x(self): pass\nclass TestA(B):\n  test_x = skip(B.test_x)\n") ==
        Ids{"B::test_x"});
  CHECK(tests_of("class A(TestCase):\n  def test_x(self): pass\n  test_y = partial(test_x, 1)\n"
                 "class B(TestCase):\n  test_x_2 = (\n    A.test_x\n  )\n  test_z = A._test\n") ==
        Ids{"A::test_x", "B::test_z"});
  CHECK(tests_of("class B:\n  test_x = make()\nclass TestA(B): pass\nclass TestC(B): pass\n") == Ids{"B::test_x"});
  const Inventory inventory =
      inventory_with_torch({{"test/test_x.py", "class TestA:\n  test_x = make(Conv(2), t.size)\n"}});
  const python::Function& made = *inventory.files.at(0).tests.at(0).function;
  CHECK(made.calls == std::vector<std::string_view>{"Conv", "make"});
  CHECK(made.names == std::vector<std::string_view>{"Conv", "make", "t.size"});
  CHECK(made.line == 2);
}

TEST_CASE("functions imported from files that are not test files are tests, except PyTorch's helpers") {
  const Files functions{{"test/made.py", "def test_made(): pass\n"},
                        {"test/test_other.py", "def test_other(): pass\n"},
                        {"torch/testing/ao.py", "def test_only_eval_fn(): pass\n"}};
  CHECK(tests_of("from made import test_made as test_alias\n", functions) == Ids{"test_made"});
  CHECK(tests_of("from test_other import test_other\n", functions).empty());
  CHECK(tests_of("from torch.testing.ao import test_only_eval_fn\n", functions).empty());
}

TEST_CASE("a file that does not parse is named, and the others are read") {
  const Inventory inventory =
      inventory_with_torch({{"test/test_a.py", "def test_a(): pass\n"}, {"test/test_b.py", "x = (\n"}});
  REQUIRE(inventory.files.size() == 2);
  CHECK(inventory.files[0].error.empty());
  CHECK(inventory.files[1].error == "1:5: '(' was never closed");
  CHECK(inventory.files[1].module == nullptr);
  CHECK(inventory.test_count() == 1);
}

TEST_CASE("a tree that is not PyTorch's is refused") {
  const auto refused = [](Files files) {
    const auto inventory = read_inventory(MemoryTree(std::move(files)));
    return inventory ? "taken" : inventory.error().message;
  };
  const std::string prefix = "this is not a source tree of PyTorch: ";
  CHECK(refused({{"README.md", ""}}) == prefix + "it has no directory test/");
  CHECK(refused({{"test/README.md", ""}, {"torch/x.py", ""}}) == prefix + "there is no test_*.py beneath test/");
  CHECK(refused({{"test/test_a.py", ""}}) == prefix + "it has no directory torch/");
  CHECK(refused({{"test/test_a.py", ""}, {"torch/x.cpp", ""}}) == "taken");
}

TEST_CASE("one file can be read by itself") {
  const std::vector<MemoryTree::File> files{{"test/test_a.py", "class A(TestCase):\n  def test_a(self): pass\n"}};
  const MemoryTree tree(files);
  const auto file = read_test_file(tree, "test/test_a.py");
  REQUIRE(file);
  CHECK(file->tests.at(0).id == "test/test_a.py::A::test_a");
  CHECK(read_test_file(tree, "test/test_b.py").error().kind == ErrorKind::not_found);
}

TEST_CASE("the inventory document is complete") {
  const nlohmann::json document =
      to_json(inventory_with_torch({{"test/test_a.py", "exec(x)\ndef test_a(): pass\nfrom made import test_made\n"},
                                    {"test/made.py", "def test_made(): pass\n"},
                                    {"test/test_b.py", ")"}}));
  CHECK(document == nlohmann::json::parse(R"({
    "schema": "spyre-ci/inventory@1", "revision": "abc",
    "files": [{"path": "test/test_a.py",
               "tests": [{"id": "test/test_a.py::test_a", "line": 2},
                         {"id": "test/test_a.py::test_made", "line": 1, "written_in": "test/made.py"}],
               "generators": ["test/test_a.py"]},
              {"path": "test/test_b.py", "tests": [], "error": "1:1: unmatched ')'"}],
    "totals": {"files": 2, "tests": 2, "generators": 1}})"));
}

}  // namespace spyre::testsel
