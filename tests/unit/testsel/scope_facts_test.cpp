// SPDX-License-Identifier: Apache-2.0
// Facts from outside the test's own lines: guards, meanings of names, runners of a test, loaded libraries.
#include "tests/support/catch.hpp"
#include "tests/unit/testsel/made_up.hpp"

using namespace spyre;
using namespace spyre::testsel;

namespace {

using Files = std::vector<MemoryTree::File>;

Scope rule(const std::string& conditions) {
  return scope_of("exclude:\n  - name: r\n    reason: out\n    note: n\n    " + conditions + "\n");
}

const std::string out = "out by r";
const std::string in = "in scope";

std::string verdict(const std::string& conditions, std::string text, const std::string& id = "T::test_x",
                    Files others = {}) {
  others.push_back({"test/test_a.py", std::move(text)});
  return ruling_on(inventory_of(std::move(others)), rule(conditions), "test/test_a.py::" + id);
}

const std::string test = "class T(TestCase):\n  def test_x(self): pass\n";

std::string indented(const std::string& code) {
  std::string text = "  ";
  for (const char c : code) {
    text += c;
    if (c == '\n') text += "  ";
  }
  return text + "\n";
}

}  // namespace

TEST_CASE("guard: the conditions around the class, split at and") {
  CHECK(verdict("guard: HAS_GPU", "if HAS_GPU and not ASAN:\n" + indented(test)) == out);
  CHECK(verdict("guard: 're:^not ASAN$'", "if HAS_GPU and not ASAN:\n" + indented(test)) == out);
  CHECK(verdict("guard: HAS_GPU", "if HAS_CPU or HAS_GPU:\n" + indented(test)) == in);
  CHECK(verdict("guard: HAS_GPU", "if HAS_GPU: pass\nelse:\n" + indented(test)) == in);
  CHECK(verdict("guard: HAS_GPU", "if not HAS_GPU: pass\nelse:\n" + indented(test)) == out);
  CHECK(verdict("guard: HAS_GPU", "class T(TestCase):\n  if HAS_GPU:\n    def test_x(self): pass\n") == out);
}

TEST_CASE("guard: the conditions under which the file runs its tests") {
  CHECK(verdict("guard: HAS_GPU", test + "if __name__ == '__main__':\n  if LINUX and HAS_GPU:\n    run_tests()\n") ==
        out);
  CHECK(verdict("guard: HAS_GPU", test + "if __name__ == '__main__':\n  if HAS_CPU or HAS_GPU: run_tests()\n") == in);
  CHECK(verdict("guard: HAS_GPU", test + "if __name__ == '__main__':\n  run_tests()\n") == in);
}

TEST_CASE("guard: conditions under which the test, or the set-up of its class, skips it") {
  const auto skipping = [](const std::string& function, const std::string& condition, const std::string& skip) {
    return "class T(TestCase):\n  def test_x(self): pass\n  def " + function + "(self):\n    if " + condition +
           ":\n      " + skip + "\n    run()\n";
  };
  for (const char* skip : {"self.skipTest('no GPU')", "raise unittest.SkipTest('no GPU')", "pytest.skip('no GPU')"}) {
    CHECK(verdict("guard: HAS_GPU", skipping("setUp", "not HAS_GPU", skip)) == out);
    CHECK(verdict("guard: HAS_GPU", skipping("test_x", "not HAS_GPU or X", skip)) == out);
    CHECK(verdict("guard: HAS_GPU", skipping("test_x", "not HAS_GPU and X", skip)) == in);
    CHECK(verdict("guard: HAS_GPU", skipping("test_y", "not HAS_GPU", skip)) == in);
    CHECK(verdict("guard: HAS_GPU", skipping("setUp", "HAS_GPU", skip)) == in);
  }
  CHECK(verdict("guard: HAS_GPU", skipping("setUp", "not HAS_GPU", "return")) == in);
  CHECK(verdict("guard: HAS_GPU",
                "class B(TestCase):\n  def setUp(self):\n    if not HAS_GPU: self.skipTest('no')\n"
                "class T(B):\n  def setUp(self): super().setUp()\n  def test_x(self): pass\n") == out);
}

TEST_CASE("decorator: also the meaning of the name") {
  const std::string decorated = "class T(TestCase):\n  @needs\n  def test_x(self): pass\n";
  const std::string assigned =
      "needs = unittest.skipUnless(\n    torch.cuda.is_available()  and big(),\n    'GPU',\n)\n";
  CHECK(verdict("decorator: 're:skipUnless\\(torch.cuda.is_available\\(\\) and'", assigned + decorated) == out);
  CHECK(verdict("decorator: unittest.skipUnless", assigned + decorated) == out);
  CHECK(verdict("decorator: needs", assigned + decorated) == out);
  CHECK(verdict("decorator: needs_gpu", "from common import needs_gpu as needs\n" + decorated) == out);
  CHECK(verdict("decorator: needs_gpu", "from common import needs_gpu\n" + decorated) == in);
}

TEST_CASE("class_decorator: of the class only") {
  CHECK(verdict("class_decorator: skipIf", "@unittest.skipIf(x)\n" + test) == out);
  CHECK(verdict("class_decorator: skipIf", "class T(TestCase):\n  @skipIf\n  def test_x(self): pass\n") == in);
  CHECK(verdict("decorator: skipIf\n    unless: {class_decorator: skipIf}", "@skipIf\n" + test) == in);
}

TEST_CASE("only_for: every possible value of the variable") {
  const std::string use = test + "instantiate_device_type_tests(T, globals(), only_for=devices)\n";
  CHECK(verdict("only_for: cuda", "if X:\n  devices = ('cuda',)\nelse:\n  devices = ('cpu', 'cuda')\n" + use) == in);
  CHECK(verdict("only_for: cuda", "devices = ['cuda']\ndevices.append('cpu')\n" + use) == in);
  CHECK(verdict("only_for: cuda", "devices = ('cuda',)\nif X: devices += ('xpu',)\n" + use) == in);
  CHECK(verdict("only_for: cuda", "devices = ('cuda',)\nif X: devices = ('cuda',)\n" + use) == out);
}

TEST_CASE("a copied or inherited test has the facts that all its runners share") {
  const std::string copier =
      "def copy_tests(source, target):\n  for n, v in source.__dict__.items(): setattr(target, n, v)\n"
      "class Template:\n  def test_x(self): pass\n";
  const std::string gpu = "if HAS_GPU:\n  class GpuTests(TestCase): pass\n  copy_tests(Template, GpuTests)\n";
  const std::string cpu = "class CpuTests(TestCase): pass\ncopy_tests(Template, CpuTests)\n";
  CHECK(verdict("guard: HAS_GPU", copier + gpu, "Template::test_x") == out);
  CHECK(verdict("guard: HAS_GPU", copier + gpu + cpu, "Template::test_x") == in);
  CHECK(verdict("class: Template", copier + gpu + cpu, "Template::test_x") == out);

  const std::string mixin = "class Mixin:\n  def test_x(self): pass\n";
  CHECK(verdict("class: '*Cuda*'", mixin + "class TestCuda(Mixin, TestCase): pass\n", "Mixin::test_x") == out);
  CHECK(verdict("class: '*Cuda*'",
                mixin + "class TestCuda(Mixin, TestCase): pass\nclass TestCpu(Mixin, TestCase): pass\n",
                "Mixin::test_x") == in);
  // A class that is collected itself runs its own tests, even if other classes run them too.
  CHECK(verdict("class: '*Cuda*'", test + "class TestCuda(T): pass\n") == in);
}

TEST_CASE("a test of another file has the facts of the file that contains it, and the path of the file that runs it") {
  const Files others{{"test/suites.py",
                      "def helper(): gradcheck()\n@slow\nclass Suite(TestCase):\n"
                      "  def test_x(self): helper()\n"}};
  const std::string heir = "import suites\nclass TestGpu(suites.Suite): pass\n";
  CHECK(verdict("calls: gradcheck", heir, "Suite::test_x", others) == out);
  CHECK(verdict("decorator: slow", heir, "Suite::test_x", others) == out);
  CHECK(verdict("path: test/test_a.py", heir, "Suite::test_x", others) == out);
  CHECK(verdict("path: test/suites.py", heir, "Suite::test_x", others) == in);
  CHECK(verdict("class: TestGpu", heir, "Suite::test_x", others) == out);
}

TEST_CASE("loads: shared libraries of the test, its helpers and the set-up of its class") {
  CHECK(verdict("loads: libx.so", "class T(TestCase):\n  def test_x(self): load('libx.so')\n") == out);
  CHECK(verdict("loads: libx.so", "def load(): find(\"libx.so\")\nclass T(TestCase):\n  def test_x(self): load()\n") ==
        out);
  CHECK(verdict("loads: libx.so",
                "class T(TestCase):\n  def setUp(self): load('libx.so')\n  def test_x(self): pass\n") == out);
  CHECK(verdict("loads: init_all",
                "class T(TestCase):\n  @classmethod\n  def setUpClass(cls): init_all()\n"
                "  def test_x(self): pass\n") == out);
  CHECK(verdict("loads: libx.so",
                "class T(TestCase):\n  def test_y(self): load('libx.so')\n  def test_x(self): pass\n") == in);
  CHECK(verdict("loads: init_all", "class T(TestCase):\n  def test_x(self): init_all()\n") == in);
}

TEST_CASE("a rule with an artefact applies if none of its files exists") {
  const Inventory inventory = inventory_of({{"test/test_a.py", test}});
  const Scope scope = scope_of(
      "exclude:\n  - {name: r, reason: needs-build, note: n, class: T, artefact: [lib/a.so, build/a.so]}\n"
      "  - {name: q, reason: gpu, note: n, class: U, artefact: lib/b.so}\n");
  const std::string id = "test/test_a.py::T::test_x";
  CHECK(scope.rules()[0].artefacts == std::vector<std::string>{"lib/a.so", "build/a.so"});
  CHECK(ruling_on(inventory, scope, id) == "needs-build by r");
  const auto there = [](const std::string& file) { return [file](const std::string& path) { return path == file; }; };
  CHECK(ruling_on(inventory, scope.with_artefacts(there("build/a.so")), id) == in);
  CHECK(ruling_on(inventory, scope.with_artefacts(there("lib/b.so")), id) == "needs-build by r");
  CHECK(scope.with_artefacts(there("build/a.so")).is_off(0));
  CHECK_FALSE(scope.with_artefacts(there("build/a.so")).is_off(1));
  CHECK(scope_error("include:\n  - {name: r, note: n, class: T, artefact: a}") ==
        "scope.yaml:2:34: unknown key 'artefact'");
}
