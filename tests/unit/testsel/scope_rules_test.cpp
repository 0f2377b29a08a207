// SPDX-License-Identifier: Apache-2.0
// The facts that rules apply to, key by key.
#include "tests/support/catch.hpp"
#include "tests/unit/testsel/made_up.hpp"

using namespace spyre;
using namespace spyre::testsel;

namespace {

// One rule "r" with the reason "out".
Scope rule(const std::string& conditions) {
  return scope_of("exclude:\n  - name: r\n    reason: out\n    note: n\n    " + conditions + "\n");
}

const std::string out = "out by r";
const std::string in = "in scope";

Inventory file(std::string text) {
  return inventory_of({{"test/nn/test_a.py", std::move(text)}});
}

// Of `T::test_x` in a file with this text.
std::string verdict(const std::string& conditions, std::string text) {
  return ruling_on(file(std::move(text)), rule(conditions), "test/nn/test_a.py::T::test_x");
}

const char* const plain = "class T(TestCase):\n  def test_x(self): pass\n";

}  // namespace

TEST_CASE("path: a glob over the whole path") {
  CHECK(verdict("path: test/nn/*.py", plain) == out);
  CHECK(verdict("path: test/**", plain) == out);
  CHECK(verdict("path: '**/test_a.py'", plain) == out);
  CHECK(verdict("path: 'test/nn/test_[a-c].py'", plain) == out);
  CHECK(verdict("path: 'test/nn/test_[!a-c].py'", plain) == in);
  CHECK(verdict("path: test/*.py", plain) == in);
  CHECK(verdict("path: nn/*.py", plain) == in);
  CHECK(verdict("path: 're:n{2}/'", plain) == out);
}

TEST_CASE("id, class and test: names") {
  CHECK(verdict("id: 'test/nn/test_a.py::T::test_*'", plain) == out);
  CHECK(verdict("id: 'test/*::T::test_*'", plain) == in);
  CHECK(verdict("class: T", plain) == out);
  CHECK(verdict("class: '?'", plain) == out);
  CHECK(verdict("class: TT", plain) == in);
  CHECK(verdict("test: '*_x'", plain) == out);
  CHECK(verdict("test: [test_y, test_z]", plain) == in);
}

TEST_CASE("base: as written or its last part, of base classes in the same file too") {
  const std::string text = "class B(common.GpuCase): pass\nclass T(B, TestCase):\n  def test_x(self): pass\n";
  CHECK(verdict("base: B", text) == out);
  CHECK(verdict("base: GpuCase", text) == out);
  CHECK(verdict("base: common.GpuCase", text) == out);
  CHECK(verdict("base: Case", text) == in);
}

TEST_CASE("circular inheritance causes no failure") {
  CHECK(verdict("base: A", "class A(T): pass\nclass T(A, TestCase):\n  def test_x(self): pass\n") == out);
}

TEST_CASE("decorator: the name, or the name with its arguments") {
  const std::string text =
      "class T(TestCase):\n  @unittest.skipIf(not TEST_CUDA, 'no CUDA')\n  @slowTest\n  def test_x(self): pass\n";
  CHECK(verdict("decorator: slowTest", text) == out);
  CHECK(verdict("decorator: skipIf", text) == out);
  CHECK(verdict("decorator: unittest.skipIf", text) == out);
  CHECK(verdict("decorator: 'skipIf(*TEST_CUDA*)'", text) == out);
  CHECK(verdict("decorator: 're:^(unittest\\.)?skipIf\\(not TEST_CUDA\\b'", text) == out);
  CHECK(verdict("decorator: 'skipIf(*TEST_ROCM*)'", text) == in);
  // A pattern without arguments ignores them.
  CHECK(verdict("decorator: '*CUDA*'", text) == in);
}

TEST_CASE("decorator: also of the class") {
  CHECK(verdict("decorator: skipIfNoGpu", "@skipIfNoGpu\nclass T(TestCase):\n  def test_x(self): pass\n") == out);
}

TEST_CASE("calls: the end of a dotted name") {
  const std::string text =
      "class T(TestCase):\n  def test_x(self):\n    f(x).sum().backward()\n    torch.autograd.grad(y)\n";
  CHECK(verdict("calls: backward", text) == out);
  CHECK(verdict("calls: autograd.grad", text) == out);
  CHECK(verdict("calls: torch.autograd.*", text) == out);
  CHECK(verdict("calls: ackward", text) == in);
  CHECK(verdict("calls: gradcheck", text) == in);
}

TEST_CASE("calls: through helpers of the same file, at any depth") {
  const std::string text = R"(
def check(f):
    again(f)
def again(f):
    check(f)
    gradcheck(f)
class Base(TestCase):
    def _helper(self):
        check(3)
class T(Base):
    def test_x(self):
        self._helper()
class U(TestCase):
    def test_y(self):
        self._helper()
)";
  CHECK(verdict("calls: gradcheck", text) == out);
  CHECK(ruling_on(file(text), rule("calls: gradcheck"), "test/nn/test_a.py::U::test_y") == in);
}

TEST_CASE("calls: a helper that is passed as an argument counts as called") {
  CHECK(verdict("calls: gradcheck",
                "def work(): gradcheck()\nclass T(TestCase):\n  def test_x(self):\n    spawn(work)\n") == out);
}

TEST_CASE("mentions: names in the test's own body") {
  const std::string text = "def h(): DDP\nclass T(TestCase):\n  def test_x(self):\n    a = nn.Linear\n    h()\n";
  CHECK(verdict("mentions: nn.Linear", text) == out);
  CHECK(verdict("mentions: Linear", text) == out);
  CHECK(verdict("mentions: DDP", text) == in);
}

TEST_CASE("imports: modules and the names taken from them") {
  const std::string text = std::string("import torch.cuda.amp\nfrom torch.distributed import fsdp as f\n") + plain;
  CHECK(verdict("imports: torch.cuda.amp", text) == out);
  CHECK(verdict("imports: 'torch.cuda*'", text) == out);
  CHECK(verdict("imports: torch.distributed.fsdp", text) == out);
  CHECK(verdict("imports: torch.distributed.rpc", text) == in);
}

TEST_CASE("only_for: true if it is true for all devices of the class") {
  const auto instantiated = [](const std::string& more) {
    return std::string(plain) + "instantiate_device_type_tests(T, globals()" + more + ")\n";
  };
  CHECK(verdict("only_for: cuda", instantiated(", only_for='cuda'")) == out);
  CHECK(verdict("only_for: cuda", instantiated(", only_for=(\"cuda\",)")) == out);
  CHECK(verdict("only_for: [cuda, mps]", instantiated(", only_for=['cuda', 'mps']")) == out);
  CHECK(verdict("only_for: cuda", instantiated(", only_for=('cpu', 'cuda')")) == in);
  CHECK(verdict("only_for: cuda", instantiated(", except_for='cuda'")) == in);
  CHECK(verdict("only_for: cuda", instantiated("")) == in);
  CHECK(verdict("only_for: cuda", "devices = ('cuda',)\n" + instantiated(", only_for=devices")) == out);
  CHECK(verdict("only_for: cuda", instantiated(", only_for='cuda'") + instantiated("")) == in);
  CHECK(verdict("except_for: [meta, xla]", instantiated(", except_for=('cpu', 'meta')")) == out);
  CHECK(verdict("except_for: xla", instantiated(", except_for=('cpu', 'meta')")) == in);
}

TEST_CASE("hw_classification: the class attribute, also if inherited") {
  const std::string text =
      "class B(TestCase):\n  hw_classification = HardwareClassification.CUDA\nclass T(B):\n  def test_x(self): pass\n";
  CHECK(verdict("hw_classification: [CUDA, MPS]", text) == out);
  CHECK(verdict("hw_classification: GENERIC", text) == in);
}

TEST_CASE("all keys of a rule have to match, each with one pattern") {
  CHECK(verdict("path: test/nn/**\n    test: [test_y, test_x]", plain) == out);
  CHECK(verdict("path: test/jit/**\n    test: [test_y, test_x]", plain) == in);
}

TEST_CASE("unless: one match prevents the rule") {
  const std::string text = "class T(TestCase):\n  def test_x(self):\n    no_grad()\n";
  CHECK(verdict("test: test_x\n    unless: {calls: no_grad}", text) == in);
  CHECK(verdict("test: test_x\n    unless: {calls: other}", text) == out);
  CHECK(verdict("test: test_x\n    unless: {calls: other, class: T}", text) == in);
}

TEST_CASE("the first rule that excludes decides, and a rule that includes always wins") {
  const Inventory inventory = file(plain);
  const std::string two =
      "exclude:\n"
      "  - {name: first, reason: gpu, note: n, class: T}\n"
      "  - {name: second, reason: training, note: n, test: test_x}\n";
  CHECK(ruling_on(inventory, scope_of(two), "test/nn/test_a.py::T::test_x") == "gpu by first");
  CHECK(ruling_on(inventory, scope_of(two + "include:\n  - {name: third, note: n, test: test_x}\n"),
                  "test/nn/test_a.py::T::test_x") == "in scope by third");
}

TEST_CASE("the uses of a rule are counted, whether it decides or not") {
  const Scope scope = scope_of(
      "exclude:\n"
      "  - {name: first, reason: gpu, note: n, class: T}\n"
      "  - {name: second, reason: gpu, note: n, test: test_x}\n"
      "  - {name: never, reason: gpu, note: n, test: test_z}\n");
  CHECK(judge(file(plain), scope).applies == std::vector<std::size_t>{1, 1, 0});
}

TEST_CASE("a generator is judged by its file and its class") {
  const Inventory inventory = file("@needsGpu\nclass T(TestCase):\n  pass\nsetattr(T, 'test_made', 1)\n");
  CHECK(ruling_on(inventory, rule("decorator: needsGpu"), "test/nn/test_a.py::T") == out);
  CHECK(ruling_on(inventory, rule("path: test/nn/**"), "test/nn/test_a.py::T") == out);
  CHECK(ruling_on(inventory, rule("test: '*'"), "test/nn/test_a.py::T") == in);
}
