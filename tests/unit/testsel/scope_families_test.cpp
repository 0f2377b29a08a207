// SPDX-License-Identifier: Apache-2.0
// The embedded rules, on tests as PyTorch writes them.
#include "agent/core/files.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/project.hpp"
#include "tests/unit/testsel/made_up.hpp"

using namespace spyre;
using namespace spyre::testsel;

namespace {

const Scope& embedded() {
  static const Scope scope = scope_of(read_file(test::project() / "pipelines/scope.yaml").value_or("exclude: 7"));
  return scope;
}

// "in scope", or the reason.
std::string scope_of_test(std::string text, const std::string& id = "TestX::test_x",
                          const std::string& file = "test/test_a.py") {
  const std::string ruling = ruling_on(inventory_of({{file, std::move(text)}}), embedded(), file + "::" + id);
  return ruling.substr(0, std::min(ruling.find(" by "), ruling.size()));
}

std::string decorated(const std::string& decorator) {
  return "class TestX(TestCase):\n  @" + decorator + "\n  def test_x(self): pass\n";
}

const std::string plain = "class TestX(TestCase):\n  def test_x(self): pass\n";

}  // namespace

TEST_CASE("a file that runs its tests only with a GPU is about GPUs") {
  const auto running = [](const std::string& condition) {
    return scope_of_test(plain + "if __name__ == '__main__':\n  if " + condition + ":\n    run_tests()\n");
  };
  CHECK(running("HAS_GPU") == "gpu");
  CHECK(running("IS_LINUX and HAS_CUDA and is_big_gpu()") == "gpu");
  CHECK(running("HAS_CPU and HAS_GPU") == "gpu");
  CHECK(running("torch.cuda.is_available()") == "gpu");
  CHECK(running("HAS_CPU or HAS_GPU") == "in scope");
  CHECK(running("HAS_GPU or sys.platform == 'darwin'") == "in scope");
  CHECK(running("not HAS_GPU") == "in scope");
}

TEST_CASE("a test that skips itself without a GPU is about GPUs") {
  const auto skipping = [](const std::string& condition) {
    return scope_of_test("class TestX(TestCase):\n  def test_x(self):\n    if " + condition +
                         ":\n      raise unittest.SkipTest('CUDA test only')\n    run()\n");
  };
  CHECK(skipping("not HAS_GPU") == "gpu");
  CHECK(skipping("not torch.cuda.is_available()") == "gpu");
  CHECK(skipping("self.device != 'cuda'") == "gpu");
  CHECK(skipping("self.device != GPU_TYPE") == "gpu");
  CHECK(skipping("self.device == 'cuda'") == "in scope");
  CHECK(skipping("HAS_GPU") == "in scope");
}

TEST_CASE("marks of 2.x are recognised") {
  CHECK(scope_of_test("supported_platform = skipUnless(\n  torch.cuda.is_available() and has_triton(), 'x')\n" +
                      decorated("supported_platform")) == "gpu");
  CHECK(scope_of_test("from torch.testing._internal.common_device_type import (\n"
                      "  flex_attention_supported_platform as supported_platform)\n" +
                      decorated("supported_platform")) == "gpu");
  CHECK(scope_of_test(decorated("skip_unless_torch_gpu")) == "gpu");
  CHECK(scope_of_test(decorated("requires_vectorization")) == "cpu-only");
  CHECK(scope_of_test(decorated("skipIfNoX86")) == "other-backend");
  CHECK(scope_of_test(decorated("skipIfNoONEDNN")) == "other-backend");
  CHECK(scope_of_test(decorated("skipIfNoONEDNNBF16")) == "other-backend");
  CHECK(scope_of_test(decorated("requires_ucc()")) == "other-backend");
  CHECK(scope_of_test(decorated("skipIfNoQNNPACK")) == "other-backend");
  CHECK(scope_of_test("@skipIfNoQNNPACK\n" + plain) == "in scope");
  CHECK(scope_of_test(plain, "TestX::test_x", "test/test_cpp_extensions_open_device_registration.py") ==
        "other-backend");
  CHECK(scope_of_test(plain, "TestX::test_x", "test/cpp_extensions/open_registration_extension/test/test_openreg.py") ==
        "other-backend");
}

TEST_CASE("graphs are compiled for inference too: the name of AOTAutograd alone does not count") {
  const std::string tests = "(TestCase):\n  def test_x(self): export(f)\n  def test_y(self): f(x).backward()\n";
  CHECK(scope_of_test("class TestAOTAutograd" + tests, "TestAOTAutograd::test_x") == "in scope");
  CHECK(scope_of_test("class TestAOTAutograd" + tests, "TestAOTAutograd::test_y") == "training");
  CHECK(scope_of_test("class AotAutogradFallbackTests" + tests, "AotAutogradFallbackTests::test_x") == "in scope");
  CHECK(scope_of_test("class TestAutograd" + tests, "TestAutograd::test_x") == "training");
}

TEST_CASE("upstream's own classification decides over names") {
  const auto classified = [](const std::string& name, const std::string& value) {
    return scope_of_test("class " + name + "(TestCase):\n  hw_classification = HardwareClassification." + value +
                             "\n  def test_x(self): pass\n",
                         name + "::test_x");
  };
  CHECK(classified("TestX", "GENERIC") == "in scope");
  CHECK(classified("TestX", "ACCELERATOR") == "in scope");
  CHECK(classified("TestX", "CPU") == "cpu-only");
  CHECK(classified("TestX", "CUDA") == "gpu");
  CHECK(classified("TestX", "MPS") == "other-backend");
  CHECK(classified("TestX", "XPU") == "other-backend");
  CHECK(classified("TestCuDNNLifecycle", "GENERIC") == "in scope");
  CHECK(classified("TestCuDNNLifecycle", "CUDA") == "gpu");
  CHECK(classified("TestFSDP", "GENERIC") == "training");
}

TEST_CASE("tests that need a file of a build have a reason of their own, if no other rule excludes them") {
  const std::string loading =
      "class TestX(TestCase):\n  def setUp(self):\n"
      "    torch.ops.load_library(find_library_location('libtorchbind_test.so'))\n"
      "  def test_x(self): pass\n  def test_y(self): x.backward()\n";
  CHECK(scope_of_test(loading) == "needs-build");
  CHECK(scope_of_test(loading, "TestX::test_y") == "training");
  CHECK(
      scope_of_test(
          "class TestX(TestCase):\n  def setUp(self): init_torchbind_implementations()\n  def test_x(self): pass\n") ==
      "needs-build");
  const Scope built = embedded().with_artefacts([](auto& path) { return path == "torch/lib/libtorchbind_test.so"; });
  CHECK(ruling_on(inventory_of({{"test/test_a.py", loading}}), built, "test/test_a.py::TestX::test_x") == "in scope");
}

TEST_CASE("a backward jump is not a derivative") {
  CHECK(scope_of_test("def test_jump_backward_no_interrupt(): pass\n", "test_jump_backward_no_interrupt") ==
        "in scope");
  CHECK(scope_of_test("def test_relu_backward(): pass\n", "test_relu_backward") == "training");
}
