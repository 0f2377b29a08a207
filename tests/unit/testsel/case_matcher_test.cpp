// SPDX-License-Identifier: Apache-2.0
#include "testsel/case_matcher.hpp"

#include <string>
#include <vector>

#include "tests/support/catch.hpp"

namespace spyre::testsel {
namespace {

constexpr const char* written = R"(
from test_other import TestOther, TestMadeCPU, test_function as test_alias
from test_stars import *
from torch.ao.quantization import test_only_eval_fn
class _Base(TestCase):
    def test_inherited(self): pass
class TestFoo(_Base):
    def test_add(self): pass
    def test_add_out(self): pass
    def test_add_cpu(self): pass
class TestFooBar(TestCase):
    def test_add(self): pass
class TestMade(TestCase): pass
setattr(TestMade, name, f)
class TestHeir(_Base): pass
class TestOuter:
    class TestInner:
        def test_deep(self): pass
if X:
    class TestTwice(TestCase):
        def test_first(self): pass
else:
    class TestTwice(TestCase):
        def test_second(self): pass
def test_alone(): pass
)";

MemoryTree tree() {
  return MemoryTree(
      {{"test/test_x.py", written},
       {"test/test_other.py", R"(class TestOther(TestCase):
    def test_b(self): pass
class TestMade(TestCase):
    def test_c(self): pass
def test_function(): pass
)"},
       {"test/test_stars.py", "from deep.test_deep import *\nclass TestStar(TestCase):\n  def test_d(self): pass\n"},
       {"test/deep/test_deep.py", "class TestDeep(TestCase):\n  def test_e(self): pass\n"}});
}

std::string in_words(CaseOwner::How how) {
  switch (how) {
    case CaseOwner::How::exact:
      return "exact";
    case CaseOwner::How::expanded:
      return "expanded";
    case CaseOwner::How::inherited:
      return "inherited";
    case CaseOwner::How::imported:
      return "imported";
    case CaseOwner::How::generated:
      return "generated";
  }
  return "?";
}

// Return "how unit" of a case of test/test_x.py, both without the directory.
std::string owner(const std::string& node) {
  const MemoryTree files = tree();
  const auto file = read_test_file(files, "test/test_x.py");
  if (!file) FAIL(file.error().message);
  const CaseOwner found = CaseMatcher(files, *file).owner("test/test_x.py" + node);
  return in_words(found.how) + " " + found.unit.substr(std::string_view("test/").size());
}

}  // namespace

TEST_CASE("a case with a test's name belongs to that test") {
  CHECK(owner("::TestFoo::test_add") == "exact test_x.py::TestFoo::test_add");
  CHECK(owner("::TestTwice::test_first") == "exact test_x.py::TestTwice::test_first");
  CHECK(owner("::TestTwice::test_second") == "exact test_x.py::TestTwice::test_second");
  CHECK(owner("::test_alone") == "exact test_x.py::test_alone");
  CHECK(owner("::TestOuter::TestInner::test_deep") == "exact test_x.py::TestOuter::TestInner::test_deep");
}

TEST_CASE("suffixes of expansion are removed") {
  CHECK(owner("::TestFooCPU::test_add_cpu_float32") == "expanded test_x.py::TestFoo::test_add");
  CHECK(owner("::TestFooPRIVATEUSE1::test_add") == "expanded test_x.py::TestFoo::test_add");
  CHECK(owner("::TestFooSPYRE::test_add_out_spyre") == "expanded test_x.py::TestFoo::test_add_out");
  CHECK(owner("::TestFooCPU::test_add_cpu") == "expanded test_x.py::TestFoo::test_add");
  CHECK(owner("::TestFooCPU::test_add_cpu_cpu[x]") == "expanded test_x.py::TestFoo::test_add_cpu");
  CHECK(owner("::TestFooMPS::test_add_cpu_mps") == "expanded test_x.py::TestFoo::test_add_cpu");
  CHECK(owner("::TestFoo_0_named::test_add") == "expanded test_x.py::TestFoo::test_add");
  CHECK(owner("::TestFoo::test_add[a::b_c]") == "expanded test_x.py::TestFoo::test_add");
  CHECK(owner("::test_alone[1]") == "expanded test_x.py::test_alone");
}

TEST_CASE("the longest class and the longest test win") {
  CHECK(owner("::TestFooBarCPU::test_add") == "expanded test_x.py::TestFooBar::test_add");
  CHECK(owner("::TestFoo::test_add_outer") == "expanded test_x.py::TestFoo::test_add");
  CHECK(owner("::TestFoo::test_adder") == "generated test_x.py::TestFoo::test_add");
  CHECK(owner("::TestFooled::test_add") == "generated test_x.py::test_alone");
}

TEST_CASE("inherited tests belong to the base") {
  CHECK(owner("::TestFooCPU::test_inherited_cpu") == "inherited test_x.py::_Base::test_inherited");
  CHECK(owner("::TestHeir::test_inherited") == "inherited test_x.py::_Base::test_inherited");
}

TEST_CASE("imported tests belong to the file that contains them") {
  CHECK(owner("::TestOther::test_b") == "imported test_other.py::TestOther::test_b");
  CHECK(owner("::TestMadeCPU::test_c_cpu") == "imported test_other.py::TestMade::test_c");
  CHECK(owner("::TestStar::test_d") == "imported test_stars.py::TestStar::test_d");
  CHECK(owner("::TestDeep::test_e") == "imported deep/test_deep.py::TestDeep::test_e");
  CHECK(owner("::test_alias") == "imported test_other.py::test_function");
  // PyTorch's helpers that are named like tests belong to no selected test.
  CHECK(owner("::test_only_eval_fn") == "imported .ao.quantization::test_only_eval_fn");
  CHECK(owner("::TestOther::test_unknown") == "imported test_other.py::TestOther::test_b");
}

TEST_CASE(
    "a case that no line names belongs to what is listed as making tests, else to one test of its class or file") {
  CHECK(owner("::TestMade::test_made") == "generated test_x.py::TestMade");
  CHECK(owner("::TestHeir::test_made") == "generated test_x.py::_Base::test_inherited");
  CHECK(owner("::TestMade::test_made::b") == "generated test_x.py::TestMade");  // "test_made::b", or a class in it
  CHECK(owner("::TestNowhere::test_made") == "generated test_x.py::test_alone");
  CHECK(owner("::test_made") == "generated test_x.py::test_alone");
  CHECK(owner("") == "generated test_x.py::test_alone");
}

TEST_CASE("if a file lists only one class that makes tests, all cases belong to that class") {
  const MemoryTree files(
      std::vector<MemoryTree::File>{{"test/test_x.py", "class T(TestCase): pass\nsetattr(T, name, f)\n"}});
  const auto file = read_test_file(files, "test/test_x.py");
  REQUIRE(file);
  const CaseMatcher matcher(files, *file);
  for (const char* node : {"::T::test_a", "::T::test_a::b", "::Made::test_a", "::test_a"}) {
    CHECK(matcher.owner(std::string("test/test_x.py") + node).unit == "test/test_x.py::T");
  }
}

}  // namespace spyre::testsel
