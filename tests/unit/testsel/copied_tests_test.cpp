// SPDX-License-Identifier: Apache-2.0
// Tests that a file runs although it does not contain them: copied, made, inherited and imported ones. Tests the
// inventory's list and the owners of the cases.
#include <algorithm>

#include "tests/support/catch.hpp"
#include "tests/unit/testsel/made_up.hpp"
#include "testsel/case_matcher.hpp"

namespace spyre::testsel {
namespace {

using Files = std::vector<MemoryTree::File>;
using Ids = std::vector<std::string>;

const std::string path = "test/test_x.py";

const char* const copier = R"(
import unittest
def copy_tests(my_cls, other_cls, suffix, failures=None):
    for name, value in my_cls.__dict__.items():
        if name.startswith("test_"):
            @functools.wraps(value)
            def new_test(self, value=value): return value(self)
            setattr(other_cls, f"{name}_{suffix}", new_test)
)";

const char* const maker = R"(
def make_cls(cls, prefix, fn_suffix, *patches):
    Made = type(f"{prefix}{cls.__name__}", cls.__bases__, {})
    for name in dir(cls):
        if name.startswith("test_"):
            setattr(Made, f"{name}{fn_suffix}", patch(getattr(cls, name)))
    return Made
)";

const char* const tests = R"(
class Template:
    def test_a(self): pass
    def test_b(self): pass
    def test_b_cpu(self): pass
    def helper(self): pass
class TestCommon(TestCase):
    def test_c(self): pass
class TestDeep(TestCommon):
    def test_d(self): pass
)";

Files files(std::string source) {
  return {{path, std::move(source)},
          {"test/copying.py", copier},
          {"torch/_dynamo/testing.py", maker},
          {"test/suites.py", tests},
          {"test/test_other.py", tests}};
}

Ids listed(Files all, bool generators) {
  const Inventory inventory = inventory_of(std::move(all));
  const auto file = std::ranges::find(inventory.files, path, &TestFile::path);
  Ids ids;
  for (const Test& test : file->tests) ids.push_back(test.id.substr(path.size() + 2));
  return generators ? file->generators : ids;
}

Ids tests_of(const std::string& source) {
  return listed(files(source), false);
}
Ids generators_of(const std::string& source) {
  return listed(files(source), true);
}

std::string owner(const std::string& source, const std::string& node) {
  const MemoryTree tree(files(source));
  const auto file = read_test_file(tree, path);
  if (!file) FAIL(file.error().message);
  const CaseOwner found = CaseMatcher(tree, *file).owner(path + "::" + node);
  return (found.how == CaseOwner::How::generated ? "generated " : "") + found.unit;
}

}  // namespace

TEST_CASE("a test that is copied within a file belongs to the class that contains it") {
  const std::string source = std::string(copier) + R"(
class Template:
    def test_a(self): pass
    def test_b(self): pass
    def test_b_cpu(self): pass
class CpuTests(TestCase):
    def test_own(self): pass
class GpuTests(TestCase): pass
if HAS_CPU: copy_tests(Template, CpuTests, "cpu")
copy_tests(my_cls=Template, other_cls=GpuTests, suffix=GPU_TYPE)
)";
  CHECK(tests_of(source) == Ids{"Template::test_a", "Template::test_b", "Template::test_b_cpu", "CpuTests::test_own"});
  CHECK(generators_of(source).empty());
  CHECK(owner(source, "CpuTests::test_a_cpu") == path + "::Template::test_a");
  CHECK(owner(source, "GpuTests::test_a_cuda") == path + "::Template::test_a");
  CHECK(owner(source, "CpuTests::test_b_cpu") == path + "::Template::test_b");
  CHECK(owner(source, "CpuTests::test_b_cpu_cpu") == path + "::Template::test_b_cpu");
  CHECK(owner(source, "CpuTests::test_own") == path + "::CpuTests::test_own");
}

TEST_CASE("a template is not a test if no code copies it") {
  CHECK(tests_of("class Template:\n  def test_a(self): pass\nclass AnyTests:\n  def test_b(self): pass\n").empty());
  CHECK(tests_of("from copying import copy_tests\n").empty());
}

TEST_CASE("template and copier may be imported") {
  for (const std::string import : {"from copying import copy_tests\nfrom test_other import Template\n",
                                   "from copying import copy_tests\nfrom suites import Template as Template\n",
                                   "try:\n  from .copying import copy_tests\nexcept ImportError:\n"
                                   "  from copying import copy_tests\nfrom test_other import *\n"}) {
    const std::string source = import + "class CpuTests(TestCase): pass\ncopy_tests(Template, CpuTests, 'cpu')\n";
    CHECK(tests_of(source) == Ids{"Template::test_a", "Template::test_b", "Template::test_b_cpu"});
    CHECK(owner(source, "CpuTests::test_a_cpu") == path + "::Template::test_a");
  }
  const std::string dotted =
      "import copying as c, test_other\nclass CpuTests(TestCase): pass\nc.copy_tests(test_other.Template, CpuTests, "
      "S)\n";
  CHECK(owner(dotted, "CpuTests::test_a_cpu") == path + "::Template::test_a");
  CHECK(generators_of(dotted).empty());
}

TEST_CASE("lent tests know the file that contains them") {
  const Inventory inventory =
      inventory_of(files("from copying import copy_tests\nfrom test_other import Template\nclass T(TestCase): pass\n"
                         "copy_tests(Template, T, 'cpu')\n"));
  const auto file = std::ranges::find(inventory.files, path, &TestFile::path);
  REQUIRE(file->tests.size() == 3);
  CHECK(file->tests[0].lender->path == "test/test_other.py");
  CHECK(file->tests[0].owner->name == "Template");
  CHECK(file->tests[0].function->line == 3);
  REQUIRE(file->runners.at(file->tests[0].owner).size() == 1);
  CHECK(file->runners.at(file->tests[0].owner)[0]->name == "T");
}

TEST_CASE("classes that are made from others run their tests") {
  const std::string made = "from torch._dynamo.testing import make_cls\nfrom copying import copy_tests\n";
  const std::string bound = made +
                            "from test_other import Template\nclass T(TestCase): pass\n"
                            "Dynamic = make_cls(Template, 'Dynamic', '_dynamic')\ncopy_tests(Dynamic, T, 'cpu')\n";
  CHECK(tests_of(bound) == Ids{"Template::test_a", "Template::test_b", "Template::test_b_cpu"});
  CHECK(owner(bound, "T::test_a_dynamic_cpu") == path + "::Template::test_a");

  const std::string suite = made + "import test_other\nAnyName = make_cls(test_other.TestDeep, 'X', '_x')\n";
  CHECK(tests_of(suite) == Ids{"TestDeep::test_d", "TestCommon::test_c"});
  CHECK(owner(suite, "AnyName::test_c_x") == path + "::TestCommon::test_c");
  CHECK(generators_of(suite).empty());
}

TEST_CASE("of tests that differ by a suffix, the one whose copy has the name is chosen") {
  const std::string source = R"(
from torch._dynamo.testing import make_cls
from copying import copy_tests
class Template(object):
    def test_a(self): pass
    def test_a_dynamic(self): pass
    def test_a_dynamic_shapes(self): pass
def make_dynamic_cls(cls):
    suffix = "_dynamic_shapes"
    return make_cls(cls, "DynamicShapes", suffix)
Dynamic = make_dynamic_cls(Template)
class T(TestCase): pass
copy_tests(Dynamic, T, "cpu")
)";
  CHECK(owner(source, "T::test_a_dynamic_shapes_cpu") == path + "::Template::test_a");
  CHECK(owner(source, "T::test_a_dynamic_dynamic_shapes_cpu") == path + "::Template::test_a_dynamic");
  CHECK(owner(source, "T::test_a_dynamic_shapes_dynamic_shapes_cpu") == path + "::Template::test_a_dynamic_shapes");
}

TEST_CASE("classes that a function makes global are found by the name of their source") {
  const std::string source = R"(
from torch._dynamo.testing import make_cls
import suites
from test_other import TestDeep
def make_dynamic(cls, strict):
    if strict:
        made = make_cls(cls, "Dynamic", "_dynamic")
    else:
        made = make_cls(cls, "DynamicToo", "_too")
    globals()[made.__name__] = made
    made.__module__ = __name__
tests = [suites.TestCommon]
tests.append(TestDeep)
for test in tests:
    make_dynamic(test, True)
)";
  CHECK(tests_of(source) == Ids{"TestCommon::test_c", "TestDeep::test_d"});
  CHECK(generators_of(source).empty());
  CHECK(owner(source, "DynamicTestCommon::test_c_dynamic") == path + "::TestCommon::test_c");
  CHECK(owner(source, "DynamicTooTestDeep::test_d_too") == path + "::TestDeep::test_d");
  CHECK(owner(source, "DynamicTestDeep::test_c_dynamic") == path + "::TestCommon::test_c");
}

TEST_CASE("a class may be made from another class's dictionary") {
  const std::string of_another = R"(
from suites import Template
class Common:
    def test_a(self): pass
    @gpu
    def test_b(self): pass
Test_7 = type(str("Test_7"), (TestCase,), dict(Common.__dict__, opset=7))
def make(opset):
    return type(f"Test_{opset}", (TestCase,), dict(Template.__dict__, opset=opset))
Test_8 = make(8)
values = make(9)
)";
  CHECK(tests_of(of_another) ==
        Ids{"Common::test_a", "Common::test_b", "Template::test_a", "Template::test_b", "Template::test_b_cpu"});
  CHECK(generators_of(of_another).empty());
  CHECK(owner(of_another, "Test_7::test_b") == path + "::Common::test_b");
  CHECK(owner(of_another, "Test_8::test_b_cpu") == path + "::Template::test_b_cpu");
  CHECK(tests_of("from suites import Template\nTest_1 = type('Test_1', (TestCase,), dict(a=1))\n").empty());
}

TEST_CASE("a class may be made by inheritance, and put into a given scope") {
  const std::string source = R"(
def make(cls, scope):
    class Patched(cls):
        def setUp(self): pass
    scope["Patched" + cls.__name__] = Patched
class TestA(TestCase):
    def test_a(self): pass
make(TestA, globals())
)";
  CHECK(owner(source, "PatchedTestA::test_a") == path + "::TestA::test_a");
}

TEST_CASE("tests that are copied from unknown classes are generated") {
  const std::string source = std::string(copier) + "class T(TestCase): pass\ncopy_tests(find('Template'), T, 'cpu')\n";
  CHECK(generators_of(source) == Ids{path + "::T"});
  CHECK(owner(source, "T::test_a_cpu") == "generated " + path + "::T");
}

TEST_CASE("setters that are not copiers make generators, in any file") {
  const std::string source =
      "from setters import add_all\nclass TestA(TestCase): pass\nclass TestB(TestCase): pass\nadd_all(1, TestA)\n";
  Files all = files(source);
  all.push_back({"test/setters.py",
                 "def add_all(n, cls):\n  for i in range(n): add(cls, i)\n"
                 "def add(cls, i): setattr(cls, f'test_{i}', f)\n"});
  CHECK(listed(all, true) == Ids{path + "::TestA"});
}

TEST_CASE("subclasses of a generator are generators") {
  const std::string source = R"(
class Sweep:
    @classmethod
    def populate(cls): setattr(cls, name, f)
class SweepCpuTest(Sweep, TestCase): pass
SweepCpuTest.populate()
)";
  CHECK(generators_of(source) == Ids{path + "::SweepCpuTest"});
  CHECK(owner(source, "SweepCpuTest::test_1") == "generated " + path + "::SweepCpuTest");
}

TEST_CASE("inherited tests of another file are tests here, once for all subclasses") {
  const std::string source =
      "import test_other\nfrom suites import Template\n"
      "class TestA(test_other.TestDeep):\n  def test_d(self): pass\n"
      "class TestB(test_other.TestDeep): pass\nclass TestC(Template, TestCase):\n  test_b = None\n";
  CHECK(tests_of(source) ==
        Ids{"TestA::test_d", "TestCommon::test_c", "TestDeep::test_d", "Template::test_a", "Template::test_b_cpu"});
  CHECK(generators_of(source).empty());
  CHECK(owner(source, "TestA::test_d") == path + "::TestA::test_d");
  CHECK(owner(source, "TestB::test_d") == path + "::TestDeep::test_d");
  CHECK(owner(source, "TestACPU::test_c_cpu") == path + "::TestCommon::test_c");
  CHECK(owner(source, "TestC::test_b_cpu") == path + "::Template::test_b_cpu");
}

TEST_CASE("classes and functions imported from files that are not test files run in the importing file") {
  const std::string source = "from suites import TestDeep, Template, TestCommon as CommonTests\n";
  CHECK(tests_of(source) == Ids{"TestDeep::test_d", "TestCommon::test_c"});
  CHECK(owner(source, "CommonTests::test_c") == path + "::TestCommon::test_c");
  CHECK(tests_of("from suites import *\n") == Ids{"TestCommon::test_c", "TestDeep::test_d"});
  CHECK(tests_of("from test_other import *\n").empty());
}

TEST_CASE("a deleted class runs only in its subclasses") {
  CHECK(tests_of("class TestA(TestCase):\n  def test_a(self): pass\ndel TestA\n").empty());
  CHECK(tests_of("class TestA(TestCase):\n  def test_a(self): pass\nclass TestB(TestA): pass\ndel TestA\n") ==
        Ids{"TestA::test_a"});
  CHECK(tests_of("class TestA(TestCase):\n  def test_a(self): pass\n"
                 "instantiate_device_type_tests(TestA, globals())\ndel TestA\n") == Ids{"TestA::test_a"});
}

TEST_CASE("instantiating for devices or parameters is not copying") {
  const Files utils{{"torch/testing/_internal/common.py",
                     "def instantiate_device_type_tests(cls, scope):\n  for name in dir(cls):\n"
                     "    made = type(name, (cls,), {})\n    setattr(made, name, f)\n    scope[name] = made\n"
                     "def instantiate_parametrized_tests(cls):\n  for name in dir(cls): setattr(cls, name, f)\n"}};
  Files all = files(
      "from torch.testing._internal.common import *\nclass TestA(TestCase):\n  def test_a(self): pass\n"
      "instantiate_parametrized_tests(TestA)\nclass TestB(TestCase):\n  def test_a(self): pass\n"
      "  def test_a_cpu(self): pass\ninstantiate_device_type_tests(TestB, globals())\n");
  all.insert(all.end(), utils.begin(), utils.end());
  CHECK(listed(all, true).empty());
  const MemoryTree tree(all);
  const CaseMatcher matcher(tree, *read_test_file(tree, path));
  CHECK(matcher.owner(path + "::TestBCPU::test_a_cpu").unit == path + "::TestB::test_a");
  CHECK(matcher.owner(path + "::TestBCPU::test_a_cpu_cpu").unit == path + "::TestB::test_a_cpu");
}

TEST_CASE("a name that a decorator extends is still found") {
  const std::string source =
      "@parameterized_class(devices, class_name_func=f)\nclass TestPackage(TestCase):\n"
      "  def test_a(self): pass\n  def test_add(self): pass\n";
  CHECK(owner(source, "TestPackageCpp_cpu::test_add") == path + "::TestPackage::test_add");
  CHECK(owner(source, "TestPackage_0::test_a") == path + "::TestPackage::test_a");
}

TEST_CASE("functions that call each other copy nothing, and the search ends") {
  CHECK(tests_of("class T(TestCase): pass\ndef f(a): g(a)\ndef g(a): f(a)\nf(T)\n").empty());
}

}  // namespace spyre::testsel
