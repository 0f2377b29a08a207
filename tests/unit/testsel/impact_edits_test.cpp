// SPDX-License-Identifier: Apache-2.0
#include "tests/support/catch.hpp"
#include "testsel/python/reader.hpp"
#include "testsel/source_edits.hpp"

using namespace spyre;
using namespace spyre::testsel;
using Names = std::set<std::string, std::less<>>;

namespace {

constexpr const char* original = R"(import torch

LIMIT = 3

def helper(x):
    return x

class TestA(TestCase):
    device = "cpu"

    @slow
    def test_one(self):
        self.assertTrue(helper(1))

    def test_two(self):
        pass

class TestB(TestCase):
    def test_three(self):
        pass
)";

python::Module module_of(std::string text) {
  auto module = python::read_module(std::move(text));
  if (!module) FAIL(module.error().message);
  return std::move(*module);
}

SourceEdits after(std::string_view old_text, std::string_view new_text) {
  std::string text = original;
  const std::size_t at = text.find(old_text);
  REQUIRE(at != std::string::npos);
  text.replace(at, old_text.size(), new_text);
  return source_edits(module_of(original), module_of(text));
}

}  // namespace

TEST_CASE("a changed function is found at any place") {
  CHECK(after("helper(1)", "helper(2)").functions == Names{"TestA.test_one"});
  CHECK(after("helper(1)", "helper(2)").classes.empty());
  CHECK_FALSE(after("helper(1)", "helper(2)").elsewhere);
  CHECK(after("@slow", "@slow(2)").functions == Names{"TestA.test_one"});
  CHECK(after("return x", "return x + 1").functions == Names{"helper"});
}

TEST_CASE("a change of a class or module is more than changes of its functions") {
  CHECK(after("\"cpu\"", "\"spyre\"").classes == Names{"TestA"});
  CHECK(after("\"cpu\"", "\"spyre\"").functions.empty());
  CHECK(after("class TestB(TestCase)", "class TestB(Other)").classes == Names{"TestB"});
  CHECK(after("LIMIT = 3", "LIMIT = 4").elsewhere);
  CHECK(after("import torch", "import torch, os").elsewhere);
}

TEST_CASE("an added definition is changed, and a deleted one changes its container") {
  const SourceEdits added = after("    def test_two", "    def test_new(self):\n        pass\n\n    def test_two");
  CHECK(added.functions == Names{"TestA.test_new"});
  CHECK(added.classes.empty());
  const SourceEdits gone = after("\n    def test_two(self):\n        pass\n", "");
  CHECK(gone.functions.empty());
  CHECK(gone.classes == Names{"TestA"});
  CHECK(after("def helper(x):\n    return x\n", "").elsewhere);
}

TEST_CASE("blanks and comments do not count as changes") {
  CHECK(after("        pass\n\nclass", "        # nothing\n\n        pass   \n\n\n\nclass").none());
  CHECK(after("import torch", "# moved down\n\nimport torch").none());
}

TEST_CASE("everything in a new file is changed") {
  const SourceEdits all = all_of(module_of(original));
  CHECK(all.functions == Names{"TestA.test_one", "TestA.test_two", "TestB.test_three", "helper"});
  CHECK(all.classes == Names{"TestA", "TestB"});
  CHECK(all.elsewhere);
}
