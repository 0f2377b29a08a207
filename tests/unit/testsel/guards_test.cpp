// SPDX-License-Identifier: Apache-2.0
#include "testsel/guards.hpp"

#include "tests/support/catch.hpp"
#include "testsel/python/reader.hpp"

namespace spyre::testsel {
namespace {

using Texts = std::vector<std::string>;

Texts texts(const std::vector<Condition>& conditions) {
  Texts found;
  for (const Condition& one : conditions) found.push_back(one.text);
  return found;
}

// The conditions around the last class of the code.
Texts around(const std::string& code) {
  auto module = python::read_module(code);
  if (!module) FAIL(module.error().message);
  return texts(conditions_of(module->classes.back().guard));
}

Texts running(const std::string& code) {
  auto module = python::read_module(code);
  if (!module) FAIL(module.error().message);
  return texts(conditions_of_running(*module));
}

}  // namespace

TEST_CASE("conditions are split at and") {
  CHECK(around("class A: pass\n").empty());
  CHECK(around("if A:\n  class C: pass\n") == Texts{"A"});
  CHECK(around("if A and (B and not C) and D(x and y):\n  class C: pass\n") == Texts{"A", "B", "not C", "D(x and y)"});
  CHECK(around("if A or B:\n  class C: pass\n") == Texts{"A or B"});
  CHECK(around("if (A or B) and C:\n  class C: pass\n") == Texts{"A or B", "C"});
  CHECK(around("if not (A or B):\n  class C: pass\n") == Texts{"not A", "not B"});
  CHECK(around("if A:\n  if B:\n    class C: pass\n") == Texts{"B", "A"});
}

TEST_CASE("the other branch has the opposite condition") {
  CHECK(around("if A: pass\nelse:\n  class C: pass\n") == Texts{"not A"});
  CHECK(around("if not A: pass\nelse:\n  class C: pass\n") == Texts{"A"});
  CHECK(around("if A or not B: pass\nelse:\n  class C: pass\n") == Texts{"not A", "B"});
  CHECK(around("if A and B: pass\nelse:\n  class C: pass\n") == Texts{"not (A and B)"});
  CHECK(around("if A: pass\nelif B:\n  class C: pass\n") == Texts{"B", "not A"});
  CHECK(around("if x == 'a or b': pass\nelse:\n  class C: pass\n") == Texts{"not (x == 'a or b')"});
}

TEST_CASE("a file runs its tests under the conditions of its main program") {
  CHECK(running("if __name__ == '__main__':\n  run_tests()\n").empty());
  CHECK(running("if __name__ == '__main__':\n  if GPU and not X:\n    common.run_tests(needs='a')\n") ==
        Texts{"GPU", "not X"});
  CHECK(running("if __name__ == \"__main__\" and GPU:\n  unittest.main()\n") == Texts{"GPU"});
  CHECK(running("if __name__ == '__main__':\n  if A and B: run_tests()\n  elif B: run_tests()\n") == Texts{"B"});
  CHECK(running("if __name__ == '__main__':\n  if A: run_tests()\n  run_tests()\n").empty());
  CHECK(running("if A:\n  run_tests()\n").empty());
  CHECK(running("if __name__ == '__main__':\n  if A: other()\n").empty());
}

}  // namespace spyre::testsel
